//! A stage's word to its nursery <-> one message: that it is ready, that it has
//! taken a request, with the descriptor on which that is answered, or that it
//! has answered.
//!
//! Nobody waits: a word that finds the socket full is lost, and a run whose
//! stage then dies ends with less of a reason.

use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use anyhow::{Context, Result};
use lab_kit::protocol::parcel;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};

use super::request::Request;

pub(super) struct News {
    /// The stage that says it.
    pub(super) number: u32,
    pub(super) what: What,
}

pub(super) enum What {
    /// What is made ahead is as far as it gets without waiting.
    Ready,
    /// It makes a run, and answers here; it may be known to be the last.
    Taken { answer: File, last: bool },
    /// It has answered; the run's network was the usual one, or another.
    Answered { usual: bool },
}

const READY: u8 = b'r';
const TAKEN: u8 = b't';
const LAST: u8 = b'l';
const USUAL: u8 = b'u';
const OTHER: u8 = b'o';
/// One of these, and the stage's number.
const LENGTH: usize = 5;

/// The nursery's end, and that of all stages.
pub(super) fn channel() -> Result<(OwnedFd, OwnedFd)> {
    let ends = parcel::pair()?;
    for end in [&ends.0, &ends.1] {
        fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    }
    Ok(ends)
}

pub(super) fn ready(to: BorrowedFd, number: u32) {
    say(to, READY, number, &[]);
}

pub(super) fn taken(to: BorrowedFd, number: u32, request: &Request) {
    let what = if request.last { LAST } else { TAKEN };
    say(to, what, number, &[request.answer.as_raw_fd()]);
}

pub(super) fn answered(to: BorrowedFd, number: u32, usual: bool) {
    say(to, if usual { USUAL } else { OTHER }, number, &[]);
}

fn say(to: BorrowedFd, what: u8, number: u32, with: &[RawFd]) {
    let [a, b, c, d] = number.to_ne_bytes();
    let _ = parcel::send(to, &[what, a, b, c, d], with);
}

/// The next word, if there is one.
pub(super) fn hear(from: BorrowedFd) -> Result<Option<News>> {
    let mut word = [0; LENGTH];
    let mut fds = match parcel::receive(from, &mut word) {
        Ok(Some((_, fds))) => fds,
        Ok(None) | Err(Errno::EAGAIN) => return Ok(None),
        Err(errno) => return Err(errno).context("hear a stage"),
    };
    let [what, number @ ..] = word;
    let what = match what {
        READY => What::Ready,
        TAKEN | LAST => {
            let answer = File::from(fds.pop().context("where it answers")?);
            What::Taken { answer, last: what == LAST }
        }
        what => What::Answered { usual: what == USUAL },
    };
    Ok(Some(News { number: u32::from_ne_bytes(number), what }))
}

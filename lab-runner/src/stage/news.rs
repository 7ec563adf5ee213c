//! A stage's word to its nursery <-> one message: that it has taken a request,
//! with the descriptor on which that is answered, or that it has answered.
//!
//! Nobody waits: a word that finds the socket full is lost, and a run whose
//! stage then dies ends with less of a reason.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};

use anyhow::{Context, Result};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, recvmsg,
    sendmsg, socketpair,
};

use super::request::owned;

pub(super) struct News {
    /// The stage that says it.
    pub(super) number: u32,
    pub(super) what: What,
}

pub(super) enum What {
    /// It makes a run, and answers here.
    Taken(File),
    /// It has answered; the run's network was the usual one, or another.
    Answered { usual: bool },
}

const TAKEN: u8 = b't';
const USUAL: u8 = b'u';
const OTHER: u8 = b'o';
/// One of these, and the stage's number.
const LENGTH: usize = 5;

/// The nursery's end, and that of all stages.
pub(super) fn channel() -> Result<(OwnedFd, OwnedFd)> {
    let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
    let kind = SockType::SeqPacket;
    Ok(socketpair(AddressFamily::Unix, kind, None, flags)?)
}

pub(super) fn taken(to: BorrowedFd, number: u32, answer: &File) {
    let fds = [answer.as_raw_fd()];
    say(to, TAKEN, number, &[ControlMessage::ScmRights(&fds)]);
}

pub(super) fn answered(to: BorrowedFd, number: u32, usual: bool) {
    say(to, if usual { USUAL } else { OTHER }, number, &[]);
}

fn say(to: BorrowedFd, what: u8, number: u32, with: &[ControlMessage]) {
    let [a, b, c, d] = number.to_ne_bytes();
    let word = [what, a, b, c, d];
    let flags = MsgFlags::MSG_NOSIGNAL;
    let words = [IoSlice::new(&word)];
    let _ = sendmsg::<()>(to.as_raw_fd(), &words, with, flags, None);
}

/// The next word, if there is one.
pub(super) fn hear(from: BorrowedFd) -> Result<Option<News>> {
    let mut word = [0; LENGTH];
    let mut space = cmsg_space!([RawFd; 1]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let mut fds = loop {
        let mut words = [IoSliceMut::new(&mut word)];
        let fd = from.as_raw_fd();
        match recvmsg::<()>(fd, &mut words, Some(&mut space), flags) {
            Ok(message) => break owned(message.cmsgs()?),
            Err(Errno::EAGAIN) => return Ok(None),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("hear a stage"),
        }
    };
    let [what, number @ ..] = word;
    let what = match what {
        TAKEN => {
            What::Taken(File::from(fds.pop().context("where it answers")?))
        }
        what => What::Answered { usual: what == USUAL },
    };
    Ok(Some(News { number: u32::from_ne_bytes(number), what }))
}

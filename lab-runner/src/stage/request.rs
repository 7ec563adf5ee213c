//! A job and the descriptors of its run <-> one message between the runner and
//! a stage.
//!
//! A sequenced-packet socket: many threads may ask at once, and any stage that
//! waits takes a whole request.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use anyhow::{Context, Result, ensure};
use lab_kit::protocol::parcel::{self, MOST};
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::job::Job;

/// One run to make, and where what comes of it goes.
pub(super) struct Request {
    pub(super) job: Job,
    /// For one line: the outcome.
    pub(super) answer: File,
    /// Calls to the company of the job's lab.
    pub(super) company: OwnedFd,
    /// For what the director tells, if anybody listens.
    pub(super) telling: Option<OwnedFd>,
    /// A pcap for each tap.
    pub(super) frames: Vec<File>,
    /// Nothing is made ahead for another.
    pub(super) last: bool,
}

/// The byte of a message: whether `telling` is among its descriptors.
const TELLS: u8 = 1;
const LAST: u8 = 2;

pub(super) const GONE: &str = "ask for a stage: the process that makes them has gone; its words, if any, \
     are above. `lab-runner doctor` checks what a stage needs";

pub(super) fn send(
    to: BorrowedFd,
    job: &Job,
    answer: &OwnedFd,
    company: &OwnedFd,
    telling: Option<&OwnedFd>,
    frames: &[File],
    last: bool,
) -> Result<()> {
    let written = written(job).context("write the stage's job")?;
    let mut fds = [answer, company].map(AsRawFd::as_raw_fd).to_vec();
    fds.push(written.as_raw_fd());
    fds.extend(telling.map(AsRawFd::as_raw_fd));
    fds.extend(frames.iter().map(AsRawFd::as_raw_fd));
    ensure!(
        fds.len() <= MOST,
        "{} needs {} captures; one run may have some {} (SCM_MAX_FD)",
        job.plan.name,
        frames.len(),
        MOST - 4
    );
    let tells = telling.map_or(0, |_| TELLS);
    let kind = tells | if last { LAST } else { 0 };
    parcel::send(to, &[kind], &fds).context(GONE)
}

/// A job as a file in memory: a request has room for descriptors only.
fn written(job: &Job) -> Result<File> {
    let mut file = File::from(memfd_create("job", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(&serde_json::to_vec(job)?)?;
    file.rewind()?;
    Ok(file)
}

/// Takes a request, and waits for one; none when the runner has gone.
pub(super) fn receive(from: BorrowedFd) -> Result<Option<Request>> {
    let mut kind = [0];
    let parcel = parcel::receive(from, &mut kind).context("take a request")?;
    let Some((_, fds)) = parcel else { return Ok(None) };
    let mut fds = fds.into_iter();
    let mut next = || fds.next().context("a descriptor of the request");
    let (answer, company) = (File::from(next()?), next()?);
    let mut text = Vec::new();
    File::from(next()?).read_to_end(&mut text)?;
    let job = serde_json::from_slice(&text).context("read the job")?;
    let telling = (kind[0] & TELLS != 0).then(next).transpose()?;
    let (frames, last) = (fds.map(File::from).collect(), kind[0] & LAST != 0);
    Ok(Some(Request { job, answer, company, telling, frames, last }))
}

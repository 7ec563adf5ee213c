//! A job and the descriptors of its run <-> one message between the runner and
//! a stage.
//!
//! A sequenced-packet socket: many threads may ask at once, and any stage that
//! waits takes a whole request.

use std::fs::File;
use std::io::{IoSlice, IoSliceMut, Read, Seek, Write};
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use anyhow::{Context, Result, ensure};
use nix::cmsg_space;
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::socket::{
    ControlMessage, ControlMessageOwned, MsgFlags, recvmsg, sendmsg,
};

use super::job::Job;

/// Descriptors that the kernel passes in one message (SCM_MAX_FD).
const MOST: usize = 253;

/// One run to make, and where what comes of it goes.
pub(super) struct Request {
    pub(super) job: Job,
    /// For one line: the outcome.
    pub(super) answer: File,
    /// For what the director tells, if anybody listens.
    pub(super) telling: Option<OwnedFd>,
    /// A pcap for each tap.
    pub(super) frames: Vec<File>,
}

/// The first byte of a message: whether `telling` is among its descriptors.
const TELLS: u8 = 1;

pub(super) fn send(
    to: BorrowedFd,
    job: &Job,
    answer: &OwnedFd,
    telling: Option<&OwnedFd>,
    frames: &[File],
) -> Result<()> {
    let written = written(job).context("write the stage's job")?;
    let mut fds = vec![answer.as_raw_fd(), written.as_raw_fd()];
    fds.extend(telling.map(AsRawFd::as_raw_fd));
    fds.extend(frames.iter().map(AsRawFd::as_raw_fd));
    ensure!(
        fds.len() <= MOST,
        "{} needs {} captures; one run may have some {} (SCM_MAX_FD)",
        job.plan.name,
        frames.len(),
        MOST - 3
    );
    let kind = [if telling.is_some() { TELLS } else { 0 }];
    let rights = [ControlMessage::ScmRights(&fds)];
    let words = [IoSlice::new(&kind)];
    let flags = MsgFlags::MSG_NOSIGNAL;
    sendmsg::<()>(to.as_raw_fd(), &words, &rights, flags, None).context(
        "ask for a stage: the process that makes them has gone; its words, if \
         any, are above. `lab-runner doctor` checks what a stage needs",
    )?;
    Ok(())
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
    let mut space = cmsg_space!([RawFd; MOST]);
    let flags = MsgFlags::MSG_CMSG_CLOEXEC;
    let message = loop {
        let mut words = [IoSliceMut::new(&mut kind)];
        let fd = from.as_raw_fd();
        match recvmsg::<()>(fd, &mut words, Some(&mut space), flags) {
            Ok(message) if message.bytes == 0 => return Ok(None),
            Ok(message) => break owned(message.cmsgs()?),
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("take a request"),
        }
    };
    let mut fds = message.into_iter();
    let mut next = || fds.next().context("a descriptor of the request");
    let answer = File::from(next()?);
    let mut text = Vec::new();
    File::from(next()?).read_to_end(&mut text)?;
    let job = serde_json::from_slice(&text).context("read the job")?;
    let telling = (kind[0] == TELLS).then(next).transpose()?;
    let frames = fds.map(File::from).collect();
    Ok(Some(Request { job, answer, telling, frames }))
}

/// The descriptors that came with a message.
pub(super) fn owned(
    messages: impl Iterator<Item = ControlMessageOwned>,
) -> Vec<OwnedFd> {
    let fds = messages.flat_map(|message| match message {
        ControlMessageOwned::ScmRights(fds) => fds,
        _ => Vec::new(),
    });
    // SAFETY: the kernel has just opened them for us.
    fds.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) }).collect()
}

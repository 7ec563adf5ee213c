//! Descriptors and a deadline -> which of them are readable.

use std::os::fd::{BorrowedFd, RawFd};
use std::time::Duration;

use anyhow::Result;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;

/// Waits until one of them is readable or closed, or the time is over.
pub(super) fn readable(fds: &[RawFd], longest: Duration) -> Result<Vec<RawFd>> {
    let mut polled: Vec<PollFd> = fds
        .iter()
        .map(|&fd| {
            // SAFETY: the callers keep these open while they wait.
            let fd = unsafe { BorrowedFd::borrow_raw(fd) };
            PollFd::new(fd, PollFlags::POLLIN)
        })
        .collect();
    match ppoll(&mut polled, Some(TimeSpec::from_duration(longest)), None) {
        Ok(_) | Err(Errno::EINTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let ready = fds.iter().zip(&polled).filter(|(_, p)| p.any() == Some(true));
    Ok(ready.map(|(&fd, _)| fd).collect())
}

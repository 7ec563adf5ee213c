//! What a program prints -> its first and last lines, however much it is.

use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use anyhow::Result;
use nix::fcntl::OFlag;
use nix::unistd::pipe2;

/// What a program may print before the rest is thrown away.
const LONGEST: usize = 64 * 1024;

/// A program's standard output and error.
pub(super) struct Output {
    end: OwnedFd,
    said: Vec<u8>,
}

impl Output {
    /// Our end, and the program's standard output and error.
    pub(super) fn new() -> Result<(Output, OwnedFd)> {
        let (end, into) = pipe2(OFlag::O_CLOEXEC)?;
        set_nonblocking(&end)?;
        Ok((Output { end, said: Vec::new() }, into))
    }

    pub(super) fn fd(&self) -> RawFd {
        self.end.as_raw_fd()
    }

    /// Reads what has come. A few reads a turn: a program that never stops
    /// printing must not keep the director from its deadline.
    pub(super) fn hear(&mut self) {
        let mut buffer = [0; 16 * 1024];
        for _ in 0..16 {
            match nix::unistd::read(&self.end, &mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(n) => {
                    let room = LONGEST.saturating_sub(self.said.len());
                    self.said.extend_from_slice(&buffer[..n.min(room)]);
                }
            }
        }
    }

    /// For a message: its first lines, since a panic begins with what
    /// happened, and its last.
    pub(super) fn words(&mut self) -> String {
        self.hear();
        shortened(&self.said)
    }
}

/// Its first lines and its last.
pub(super) fn shortened(said: &[u8]) -> String {
    let text = String::from_utf8_lossy(said);
    let lines: Vec<_> = text.trim().lines().collect();
    match lines.len() {
        0..=12 => lines.join("\n"),
        n => [&lines[..4], &["..."], &lines[n - 8..]].concat().join("\n"),
    }
}

fn set_nonblocking(fd: &OwnedFd) -> Result<()> {
    use nix::fcntl::{FcntlArg, OFlag, fcntl};
    fcntl(fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
    Ok(())
}

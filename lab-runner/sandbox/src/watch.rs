//! pid 1 and its pipes -> Outcome: reads what comes, and ends the box when it
//! has run too long or said too much. Needs no end of file from the program.

use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::waitpid;
use nix::unistd::{Pid, write};

use crate::cgroup::Group;
use crate::enter::Identity;
use crate::outcome::{End, LayerState, Outcome};
use crate::report::Word;
use crate::spec::Limits;

/// For the box's own set-up, on a machine that is very busy.
const SETUP: Duration = Duration::from_secs(60);
const FOREVER: Duration = Duration::from_secs(365 * 86400);
/// A program may write this many times what is kept, then it is a flood.
const PATIENCE: u64 = 64;
const AT_ONCE: usize = 64 << 10;

/// The warden's ends.
pub(crate) struct Pipes {
    pub(crate) out: OwnedFd,
    pub(crate) err: OwnedFd,
    pub(crate) words: OwnedFd,
    pub(crate) lifeline: OwnedFd,
    pub(crate) go: OwnedFd,
}

pub(crate) struct Watch {
    pid: Pid,
    pidfd: OwnedFd,
    out: Stream,
    err: Stream,
    words: Stream,
    lifeline: OwnedFd,
    go: OwnedFd,
    identity: Identity,
    group: Option<Group>,
    limits: Limits,
    deadline: Instant,
    ready: Option<(Instant, Vec<LayerState>)>,
    ended: Option<(Instant, End)>,
    killed: Option<End>,
    failed: Option<String>,
}

impl Watch {
    pub(crate) fn new(
        pid: Pid,
        pipes: Pipes,
        identity: Identity,
        group: Option<Group>,
        limits: Limits,
    ) -> Result<Watch> {
        let keep = limits.output_bytes;
        Ok(Watch {
            pid,
            pidfd: pidfd_of(pid)?,
            out: Stream::new(pipes.out, keep)?,
            err: Stream::new(pipes.err, keep)?,
            words: Stream::new(pipes.words, usize::MAX)?,
            lifeline: pipes.lifeline,
            go: pipes.go,
            identity,
            group,
            limits,
            deadline: Instant::now() + SETUP,
            ready: None,
            ended: None,
            killed: None,
            failed: None,
        })
    }

    pub(crate) fn follow(mut self, started: Instant) -> Result<Outcome> {
        if let Err(error) = self.permit() {
            self.fail(&error);
        }
        while !self.turn()? {}
        let status = waitpid(self.pid, None).context("wait for pid 1")?;
        // Every writer is dead: what is in the pipes is all there will be.
        self.drain();
        if let Some(words) = self.failed.take() {
            bail!("{words}");
        }
        let Some((ready, layers)) = self.ready.take() else {
            bail!(
                "the box was not ready: pid 1 ended with {status:?}, stopped \
                 by us: {:?}; the machine may be out of memory",
                self.killed
            );
        };
        let (last, end) = self
            .ended
            .unwrap_or((Instant::now(), End::Signalled(libc::SIGKILL)));
        let mut end = self.killed.unwrap_or(end);
        let mut peak_memory = None;
        if let Some(group) = self.group {
            peak_memory = group.peak();
            let killed = end == End::Signalled(libc::SIGKILL);
            if killed && group.was_out_of_memory() {
                end = End::OutOfMemory;
            }
        }
        Ok(Outcome {
            end,
            dropped: self.out.dropped + self.err.dropped,
            stdout: self.out.kept,
            stderr: self.err.kept,
            collected: Vec::new(),
            layers,
            peak_memory,
            setup_ms: milliseconds(ready - started),
            took_ms: milliseconds(last.saturating_duration_since(ready)),
        })
    }

    /// Waits for one event and deals with it. True when pid 1 has ended.
    fn turn(&mut self) -> Result<bool> {
        let mut fds = vec![look(&self.pidfd)];
        if self.killed.is_none() {
            fds.push(look(&self.lifeline));
        }
        for stream in [&self.out, &self.err, &self.words] {
            fds.extend(stream.file.as_ref().map(look));
        }
        match poll(&mut fds, self.patience()) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("watch the box"),
        }
        let over = fds[0].any() == Some(true);
        let left = self.killed.is_none() && fds[1].any() == Some(true);
        drop(fds);
        self.hear()?;
        self.out.read();
        self.err.read();
        let flood = (self.limits.output_bytes as u64).saturating_mul(PATIENCE);
        if left {
            self.kill(End::Stopped);
        } else if Instant::now() >= self.deadline {
            self.kill(End::WallLimit);
        } else if self.out.dropped + self.err.dropped > flood {
            self.kill(End::OutputLimit);
        }
        Ok(over)
    }

    fn patience(&self) -> PollTimeout {
        if self.killed.is_some() || self.ended.is_some() {
            return PollTimeout::NONE;
        }
        let left = self.deadline.saturating_duration_since(Instant::now());
        let round_up = left + Duration::from_micros(999);
        PollTimeout::try_from(round_up).unwrap_or(PollTimeout::MAX)
    }

    /// The kernel ends all that pid 1's namespace holds.
    fn kill(&mut self, why: End) {
        if self.killed.is_none() && self.ended.is_none() {
            self.killed = Some(why);
            // SAFETY: a plain system call on a descriptor that we hold.
            unsafe {
                libc::syscall(
                    libc::SYS_pidfd_send_signal,
                    self.pidfd.as_raw_fd(),
                    libc::SIGKILL,
                    0,
                    0,
                )
            };
        }
    }

    fn hear(&mut self) -> Result<()> {
        self.words.read();
        while let Some(end) = self.words.kept.iter().position(|&b| b == b'\n') {
            let line: Vec<u8> = self.words.kept.drain(..=end).collect();
            let word = serde_json::from_slice(&line).context("hear pid 1")?;
            self.act_on(word);
        }
        Ok(())
    }

    /// pid 1 waits for its ids, and for this.
    fn permit(&self) -> Result<()> {
        self.identity.write_maps(&name_of(&self.pidfd)?)?;
        write(&self.go, b"!").context("let pid 1 go on")?;
        Ok(())
    }

    /// What pid 1 says of it, if anything, is better.
    fn fail(&mut self, error: &anyhow::Error) {
        self.failed = Some(format!("{error:#}"));
        self.kill(End::Stopped);
    }

    fn act_on(&mut self, word: Word) {
        let now = Instant::now();
        match word {
            Word::Ready(layers) => {
                self.deadline =
                    now.checked_add(self.limits.wall).unwrap_or(now + FOREVER);
                self.ready = Some((now, layers));
            }
            Word::Failed(words) => self.failed = Some(words),
            Word::Exited(code) => self.ended = Some((now, End::Exited(code))),
            Word::Signalled(signal) => {
                self.ended = Some((now, End::Signalled(signal)));
            }
        }
    }

    fn drain(&mut self) {
        for stream in [&mut self.out, &mut self.err] {
            while stream.read() {}
        }
        let _ = self.hear();
    }
}

fn look<F: AsFd>(fd: &F) -> PollFd<'_> {
    PollFd::new(fd.as_fd(), PollFlags::POLLIN)
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn pidfd_of(pid: Pid) -> Result<OwnedFd> {
    // SAFETY: a plain system call.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid.as_raw(), 0) };
    if fd < 0 {
        let error = std::io::Error::last_os_error();
        return Err(error).context("hold pid 1 by a descriptor (Linux 5.3)");
    }
    // SAFETY: just opened, and nobody else's.
    Ok(unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

/// What the process is called in our /proc, which may be another namespace's.
fn name_of(pidfd: &OwnedFd) -> Result<String> {
    let path = format!("/proc/self/fdinfo/{}", pidfd.as_raw_fd());
    let text = fs::read_to_string(&path)
        .with_context(|| format!("read {path}: is /proc mounted?"))?;
    let mut lines = text.lines();
    let name = lines.find_map(|line| line.strip_prefix("Pid:"));
    let name = name.with_context(|| format!("{path} names no process"))?;
    Ok(name.trim().into())
}

/// A pipe that is read as far as it goes, and kept as far as allowed.
struct Stream {
    file: Option<File>,
    kept: Vec<u8>,
    keep: usize,
    dropped: u64,
}

impl Stream {
    fn new(fd: OwnedFd, keep: usize) -> Result<Stream> {
        fcntl(&fd, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        let file = Some(File::from(fd));
        Ok(Stream { file, kept: Vec::new(), keep, dropped: 0 })
    }

    /// One piece. False if there is no more now.
    fn read(&mut self) -> bool {
        let Some(file) = &mut self.file else { return false };
        let mut buffer = [0; AT_ONCE];
        match file.read(&mut buffer) {
            Ok(0) => self.file = None,
            Ok(length) => {
                let room = self.keep - self.kept.len();
                let kept = length.min(room);
                self.kept.extend_from_slice(&buffer[..kept]);
                self.dropped += (length - kept) as u64;
                return true;
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => {}
            Err(_) => self.file = None,
        }
        false
    }
}

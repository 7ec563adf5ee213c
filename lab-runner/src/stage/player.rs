//! A host's program as a process: started in its namespace, spoken to by a
//! line-by-line channel, bounded in what it may say.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::protocol::{CHANNEL, Hello, LONGEST_LINE, Reply, Request};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::job::Job;
use super::output::Output;
use crate::topology::Namespace;

/// Requests that a program may make in one run.
const MOST_REQUESTS: u64 = 200_000;
/// And all of them together, in bytes.
const MOST_HEARD: usize = 64 << 20;

pub(super) struct Player {
    pub(super) role: String,
    pub(super) pid: Pid,
    channel: Option<UnixStream>,
    /// Its role, in words that it waits for.
    greeting: Vec<u8>,
    closed_at: Option<Instant>,
    inbox: Vec<u8>,
    requests: u64,
    heard: usize,
    output: Output,
    /// It said that it is done.
    pub(super) done: bool,
    /// We ended it.
    pub(super) stopped: bool,
    /// How its process ended, once it has.
    pub(super) ended: Option<Ended>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Code(i32),
    Signal(Signal),
}

impl Player {
    /// Starts a role's process in its namespace; `inherits` stay open in it. It
    /// waits for its greeting.
    ///
    /// Nothing is done between fork and exec, so that the standard library can
    /// do without a copy of our memory (posix_spawn). It dies with pid 1.
    pub(super) fn start(
        job: &Job,
        role: &str,
        namespace: Option<&Namespace>,
        inherits: &[RawFd],
        hello: &Hello,
    ) -> Result<Player> {
        let (ours, theirs) = UnixStream::pair().context("a channel")?;
        let (output, out, err) = Output::new()?;
        let mut command = Command::new(&job.lab);
        command
            .args(["play", &job.plan.name, role])
            .env(CHANNEL, theirs.as_raw_fd().to_string())
            .stdin(Stdio::null())
            .stdout(out)
            .stderr(err);
        let mut kept = inherits.to_vec();
        kept.push(theirs.as_raw_fd());
        close_on_exec(&kept, false)?;
        let mut spawn = || {
            command.spawn().with_context(|| {
                format!("start {} for {role}", job.lab.display())
            })
        };
        let child = match namespace {
            Some(namespace) => namespace.inside(spawn),
            None => spawn(),
        };
        close_on_exec(&kept, true)?;
        let child = child?;
        let mut greeting = serde_json::to_vec(hello)?;
        greeting.push(b'\n');
        Ok(Player {
            role: role.into(),
            pid: Pid::from_raw(child.id() as i32),
            channel: Some(ours),
            greeting,
            closed_at: None,
            inbox: Vec::new(),
            requests: 0,
            heard: 0,
            output,
            done: false,
            stopped: false,
            ended: None,
        })
    }

    /// Lets it begin. One that has died already is heard of soon.
    pub(super) fn greet(&mut self) -> Result<()> {
        let Some(channel) = &mut self.channel else { return Ok(()) };
        let _ = channel.write_all(&std::mem::take(&mut self.greeting));
        channel.set_nonblocking(true).context("a channel")
    }

    pub(super) fn fds(&self) -> Vec<RawFd> {
        let channel = self.channel.iter().map(AsRawFd::as_raw_fd);
        match self.ended {
            None => channel.chain([self.output.fd()]).collect(),
            Some(_) => channel.collect(),
        }
    }

    /// Reads the requests that have come; closes a channel at its end.
    pub(super) fn listen(&mut self) -> Result<Vec<Request>> {
        self.output.hear();
        let Some(channel) = &mut self.channel else { return Ok(Vec::new()) };
        let mut buffer = [0; 16 * 1024];
        loop {
            match channel.read(&mut buffer) {
                Ok(n) if n > 0 => {
                    self.heard += n;
                    self.inbox.extend_from_slice(&buffer[..n]);
                }
                Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => break,
                _ => {
                    self.channel = None;
                    self.closed_at = Some(Instant::now());
                    break;
                }
            }
            if self.inbox.len() > LONGEST_LINE * 16 {
                break;
            }
        }
        self.requests()
    }

    fn requests(&mut self) -> Result<Vec<Request>> {
        let mut requests = Vec::new();
        let mut rest = self.inbox.as_slice();
        while let Some(end) = rest.iter().position(|&b| b == b'\n') {
            let line = &rest[..end];
            let request = serde_json::from_slice(line).with_context(|| {
                let said = String::from_utf8_lossy(&line[..line.len().min(80)]);
                format!("{} said what is no request: {said:?}", self.role)
            })?;
            requests.push(request);
            rest = &rest[end + 1..];
        }
        if rest.len() > LONGEST_LINE {
            bail!("{} sent a line of over {LONGEST_LINE} bytes", self.role);
        }
        self.inbox = rest.to_vec();
        self.requests += requests.len() as u64;
        if self.requests > MOST_REQUESTS || self.heard > MOST_HEARD {
            bail!(
                "{} floods its channel: over {MOST_REQUESTS} requests, or \
                 {} MB of them",
                self.role,
                MOST_HEARD >> 20
            );
        }
        Ok(requests)
    }

    pub(super) fn stop(&self) {
        let _ = nix::sys::signal::kill(self.pid, Signal::SIGKILL);
    }

    /// Whether it closed its channel a while ago and runs on: death closes it
    /// too, but is noticed soon.
    pub(super) fn has_hung_up(&self) -> bool {
        let long = |at: Instant| at.elapsed() > Duration::from_secs(1);
        !self.done && self.ended.is_none() && self.closed_at.is_some_and(long)
    }

    /// Answers a request; a program that has gone doesn't hear it.
    pub(super) fn reply(&mut self, reply: &Reply) -> Result<()> {
        let Some(channel) = &mut self.channel else { return Ok(()) };
        let mut line = serde_json::to_vec(reply)?;
        line.push(b'\n');
        if channel.write_all(&line).is_err() {
            self.channel = None;
        }
        Ok(())
    }

    /// What it printed, for a message.
    pub(super) fn words(&mut self) -> String {
        self.output.words()
    }
}

/// Of this thread's children alone: no other thread here starts any.
fn close_on_exec(fds: &[RawFd], close: bool) -> Result<()> {
    let flags = if close { libc::FD_CLOEXEC } else { 0 };
    for &fd in fds {
        // SAFETY: a plain fcntl on a descriptor that we hold.
        if unsafe { libc::fcntl(fd, libc::F_SETFD, flags) } < 0 {
            return Err(std::io::Error::last_os_error())
                .context("hand a descriptor over");
        }
    }
    Ok(())
}

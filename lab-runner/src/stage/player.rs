//! A host's program as a process: started in its namespace, spoken to by a
//! line-by-line channel, bounded in what it may say.

use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::protocol::company::Part;
use lab_kit::protocol::{Hello, LONGEST_LINE, Reply, Request};
use nix::sys::signal::Signal;
use nix::unistd::Pid;

use super::company::Casting;
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
    /// Has a role's process started, which waits for its greeting; `comes` is
    /// told when it's there. It is given these descriptors.
    pub(super) fn call(
        casting: &Casting,
        job: &Job,
        home: Option<&Namespace>,
        given: &[RawFd],
        hello: &Hello,
    ) -> Result<Player> {
        let (ours, theirs) = UnixStream::pair().context("a channel")?;
        let (output, out) = Output::new()?;
        let mut fds = vec![theirs.as_raw_fd(), out.as_raw_fd()];
        fds.extend(home.map(|home| home.fd().as_raw_fd()));
        fds.extend(given);
        let part = Part {
            experiment: job.plan.name.clone(),
            role: hello.role.clone(),
            at_home: home.is_some(),
        };
        casting.give(&part, &fds)?;
        let mut greeting = serde_json::to_vec(hello)?;
        greeting.push(b'\n');
        Ok(Player {
            role: part.role,
            pid: Pid::from_raw(0),
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

    /// Waits for it; players come as they were called.
    pub(super) fn comes(&mut self, casting: &Casting) -> Result<()> {
        let pid = casting.cast();
        self.pid = pid.with_context(|| format!("start {}", self.role))?;
        Ok(())
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

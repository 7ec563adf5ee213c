//! A lab's program that answers one question after the other, and our patience
//! with it.

use std::io::{ErrorKind, Read, Write};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{
    Child, ChildStderr, ChildStdin, ChildStdout, Command, ExitStatus, Stdio,
};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::patient;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sys::time::TimeSpec;
use nix::sys::wait::waitpid;
use nix::unistd::Pid;

use super::keeper::{dying_with_us, keep};

/// A lab computes its answer from what it has: seconds are an endless loop.
const PATIENCE: Duration = Duration::from_secs(20);
/// No judgement is as long.
const LONGEST: usize = 256 << 20;
/// What is kept of its standard error.
const WORDS: usize = 64 << 10;
/// What is read at once: more than most answers.
const CHUNK: usize = 16 << 10;

#[derive(Debug)]
pub(super) struct Resident {
    child: Child,
    stdin: ChildStdin,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    words: Vec<u8>,
}

impl Resident {
    /// Starts the program: it ends with us, or when it hears no more of us.
    pub(super) fn start(program: &Path) -> Result<Resident> {
        let mut command = Command::new(program);
        dying_with_us(command.arg("serve"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (tell, hear) = channel();
        keep(move || drop(tell.send(command.spawn())))?;
        let mut child = hear
            .recv()?
            .with_context(|| format!("start {}", program.display()))?;
        let stdin = child.stdin.take().context("its input")?;
        let stdout = child.stdout.take().context("its output")?;
        let stderr = child.stderr.take().context("its errors")?;
        for end in [stdin.as_fd(), stdout.as_fd(), stderr.as_fd()] {
            fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        let (stdout, stderr, words) = (Some(stdout), Some(stderr), Vec::new());
        Ok(Resident { child, stdin, stdout, stderr, words })
    }

    /// Whether it waits for a question, and has said nothing since the last.
    pub(super) fn is_fit(&mut self) -> bool {
        self.wait(false, Duration::ZERO).is_ok_and(|[said, _]| !said)
    }

    /// Gives it a line, and hears one.
    pub(super) fn ask(&mut self, question: &[u8]) -> Result<Vec<u8>> {
        self.words.clear();
        let patience = patient(PATIENCE);
        let deadline = Instant::now() + patience;
        let (mut untold, mut answer) = (question, Vec::new());
        loop {
            untold = &untold[self.tell(untold)..];
            let left = deadline.saturating_duration_since(Instant::now());
            let [answers, words] = self.wait(!untold.is_empty(), left)?;
            if words {
                self.hear_words();
            }
            if answers && self.hear(&mut answer)? {
                return Ok(answer);
            }
            if self.stdout.is_none() && self.stderr.is_none() {
                bail!("it ended without an answer ({})", self.stop()?);
            }
            if left.is_zero() {
                self.stop()?;
                bail!(
                    "no answer in {} s, so it was stopped: is there an endless \
                     loop in it?",
                    patience.as_secs()
                )
            }
        }
    }

    /// How much of it is told. Who hears no more may still have answered.
    fn tell(&mut self, untold: &[u8]) -> usize {
        if untold.is_empty() {
            return 0;
        }
        match self.stdin.write(untold) {
            Ok(told) => told,
            Err(why) if is_later(&why) => 0,
            Err(_) => untold.len(),
        }
    }

    /// Until there is something to be heard (an answer, words) or told.
    fn wait(&self, tells: bool, longest: Duration) -> Result<[bool; 2]> {
        let hears = |it| PollFd::new(it, PollFlags::POLLIN);
        let answer = self.stdout.iter().map(|it| hears(it.as_fd()));
        let words = self.stderr.iter().map(|it| hears(it.as_fd()));
        let mut fds: Vec<PollFd> = answer.chain(words).collect();
        if tells {
            fds.push(PollFd::new(self.stdin.as_fd(), PollFlags::POLLOUT));
        }
        match ppoll(&mut fds, Some(TimeSpec::from_duration(longest)), None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("wait for its answer"),
        }
        let mut ready = fds.iter().map(|fd| fd.any() == Some(true));
        let mut next = |heard| heard && ready.next() == Some(true);
        Ok([next(self.stdout.is_some()), next(self.stderr.is_some())])
    }

    /// Whether the line has come to its end.
    fn hear(&mut self, answer: &mut Vec<u8>) -> Result<bool> {
        let Some(heard) = hear(&mut self.stdout, answer) else {
            return Ok(false);
        };
        if answer.len() > LONGEST {
            bail!("an answer of more than {} MiB", LONGEST >> 20);
        }
        Ok(answer[answer.len() - heard..].contains(&b'\n'))
    }

    /// Whether there were any.
    fn hear_words(&mut self) -> bool {
        let heard = hear(&mut self.stderr, &mut self.words);
        let surplus = self.words.len().saturating_sub(WORDS);
        self.words.drain(..surplus);
        heard.is_some()
    }

    /// Stops it; what it said beside its answer.
    pub(super) fn last_words(&mut self) -> String {
        let _ = self.stop();
        // No more than waits there: it may have left somebody who goes on.
        (0..WORDS / CHUNK).all(|_| self.hear_words());
        String::from_utf8_lossy(&self.words).trim().into()
    }

    /// How it ended, if it had ended before.
    fn stop(&mut self) -> Result<ExitStatus> {
        self.child.kill().context("stop it")?;
        self.child.wait().context("wait for its end")
    }
}

impl Drop for Resident {
    /// Nobody waits for its end.
    fn drop(&mut self) {
        let _ = self.child.kill();
        if let Ok(None) = self.child.try_wait() {
            let pid = Pid::from_raw(self.child.id() as i32);
            let _ = keep(move || _ = waitpid(pid, None));
        }
    }
}

/// How much there was to be heard at once, if any; takes an end that is closed.
fn hear(end: &mut Option<impl Read>, heard: &mut Vec<u8>) -> Option<usize> {
    let mut chunk = [0; CHUNK];
    match end.as_mut()?.read(&mut chunk) {
        Ok(n @ 1..) => {
            heard.extend(&chunk[..n]);
            Some(n)
        }
        Err(why) if is_later(&why) => None,
        _ => {
            *end = None;
            None
        }
    }
}

/// Not now.
fn is_later(why: &std::io::Error) -> bool {
    matches!(why.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

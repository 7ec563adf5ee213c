//! What the director hears -> lines in a pipe, for somebody who watches the
//! run. A pipe that is full loses lines: no run ever waits for its audience.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_kit::{MarkSeen, Observation, QuietSeen};
use lab_trace::{End, Tap};
use nix::fcntl::{FcntlArg, OFlag, fcntl};
use serde::{Deserialize, Serialize};

use super::capture::Camera;

/// One line.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Told {
    /// The network stands and is captured.
    Begun {
        start: i64,
        hosts: Vec<String>,
        ends: Vec<End>,
        taps: Vec<Tap>,
    },
    /// What is done from now on.
    Phase(String),
    Mark(MarkSeen),
    Saw(Observation),
    Quiet(QuietSeen),
    /// States of all hosts' sockets.
    Step {
        label: String,
        at: i64,
        states: BTreeMap<String, Vec<String>>,
    },
    /// There is more in the captures.
    Frames,
}

/// Frames of one capture that are shown while the run goes on.
pub(crate) const SHOWN: u64 = 2_000;

/// Longest line that a pipe takes whole or not at all, at any moment.
const WHOLE: usize = libc::PIPE_BUF;

/// Captures are shown this often at most: it takes a write each time.
const EVERY: Duration = Duration::from_millis(5);

/// Says nothing where nobody listens.
pub(super) struct Teller {
    pipe: Option<File>,
    said: bool,
    /// When the captures were shown, if they were.
    shown: Option<Instant>,
    /// There is something that was not shown.
    owes: bool,
}

impl Teller {
    pub(super) fn new(pipe: Option<OwnedFd>) -> Result<Teller> {
        if let Some(pipe) = &pipe {
            fcntl(pipe, FcntlArg::F_SETFL(OFlag::O_NONBLOCK))?;
        }
        Ok(Teller {
            pipe: pipe.map(File::from),
            said: false,
            shown: None,
            owes: false,
        })
    }

    pub(super) fn tell(&mut self, told: impl FnOnce() -> Told) {
        let Some(pipe) = &mut self.pipe else { return };
        let Ok(mut line) = serde_json::to_vec(&told()) else { return };
        line.push(b'\n');
        // The first line finds the pipe empty.
        if self.said && line.len() > WHOLE {
            return;
        }
        self.said = true;
        if pipe.write(&line).is_ok_and(|written| written < line.len()) {
            self.end();
        }
    }

    pub(super) fn phase(&mut self, name: &str) {
        self.tell(|| Told::Phase(name.into()));
    }

    /// Lets a reader of the captures have what has passed.
    pub(super) fn show(&mut self, cameras: &mut [Camera]) {
        if self.pipe.is_none() {
            return;
        }
        self.owes = cameras.iter().any(Camera::has_news);
        let soon = self.shown.is_some_and(|at| at.elapsed() < EVERY);
        if !self.owes || soon {
            return;
        }
        cameras.iter_mut().for_each(Camera::show);
        (self.owes, self.shown) = (false, Some(Instant::now()));
        self.tell(|| Told::Frames);
    }

    /// How long the director may wait for something to happen.
    pub(super) fn longest(&self) -> Option<Duration> {
        self.owes.then_some(EVERY)
    }

    /// The reader hears the end of the pipe.
    pub(super) fn end(&mut self) {
        self.pipe = None;
        self.owes = false;
    }
}

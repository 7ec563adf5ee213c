//! What a director tells, and captures that grow -> events.

use std::fs::File;
use std::io::Read;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use lab_kit::ladder::model::ModelRow;
use lab_kit::{Plan, Step};
use lab_trace::Seen;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use serde_json::json;

use super::prefix::Prefix;
use super::{emit, phase, rows};
use crate::report;
use crate::stage::{SHOWN, Told};

/// The ladder grows at most this often; a screen shows no more.
const EVERY: Duration = Duration::from_millis(17);
/// And takes at most one part in so many of a CPU from the run.
const REST: u32 = 4;

/// Watches one run.
pub(crate) struct Watcher<'a> {
    of: &'a str,
    plan: &'a Plan,
    captures: &'a [File],
    seen: Option<Seen>,
    prefixes: Vec<Prefix>,
    rows: Vec<ModelRow>,
    /// There is something that the rows don't show.
    news: bool,
    due: Instant,
    /// Marks, values, steps and pauses.
    notes: u64,
    /// The beginning of a long run is shown, and no more.
    full: bool,
}

impl<'a> Watcher<'a> {
    pub(crate) fn new(
        of: &'a str,
        plan: &'a Plan,
        captures: &'a [File],
    ) -> Watcher<'a> {
        Watcher {
            of,
            plan,
            captures,
            seen: None,
            prefixes: captures.iter().map(|_| Prefix::default()).collect(),
            rows: Vec::new(),
            news: false,
            due: Instant::now(),
            notes: 0,
            full: false,
        }
    }

    /// Until the director has nothing more to tell.
    pub(crate) fn watch(mut self, mut told: File) {
        let mut inbox = Vec::new();
        let mut buffer = [0; 64 * 1024];
        loop {
            if self.news && Instant::now() >= self.due {
                self.draw();
            }
            if !self.is_readable(&told) {
                continue;
            }
            match told.read(&mut buffer) {
                Ok(0) | Err(_) => break,
                Ok(n) => inbox.extend_from_slice(&buffer[..n]),
            }
            while let Some(end) = inbox.iter().position(|&b| b == b'\n') {
                let line: Vec<u8> = inbox.drain(..=end).collect();
                if let Ok(told) = serde_json::from_slice(&line) {
                    self.hear(told);
                }
            }
        }
        self.draw();
        phase("judging");
    }

    /// Waits for the director, but not beyond the next drawing.
    fn is_readable(&self, told: &File) -> bool {
        let left = self.due.saturating_duration_since(Instant::now());
        let wait = match self.news {
            true => PollTimeout::try_from(left.as_millis() + 1),
            false => Ok(PollTimeout::NONE),
        };
        let mut fds = [PollFd::new(told.as_fd(), PollFlags::POLLIN)];
        let _ = poll(&mut fds, wait.unwrap_or(PollTimeout::MAX));
        fds[0].any() == Some(true)
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Phase(name) => return phase(&name),
            Told::Begun { start, hosts, ends, taps } => {
                let seen = Seen { start, hosts, ends, taps, ..Seen::default() };
                self.seen = Some(seen);
                return;
            }
            Told::Frames => {}
            Told::Mark(_)
            | Told::Saw(_)
            | Told::Quiet(_)
            | Told::Step { .. } => self.note(told),
        }
        self.news = !self.full;
    }

    fn note(&mut self, told: Told) {
        let Some(seen) = &mut self.seen else { return };
        if self.notes >= SHOWN {
            return;
        }
        self.notes += 1;
        match told {
            Told::Mark(mark) => {
                emit(&json!({
                    "event": "mark", "at": mark.at, "host": mark.role,
                    "name": mark.name,
                }));
                seen.marks.push(mark);
            }
            Told::Saw(saw) => {
                emit(&json!({
                    "event": "saw", "at": saw.at, "host": saw.host,
                    "key": saw.key, "value": saw.value,
                }));
                seen.observations.push(saw);
            }
            Told::Quiet(quiet) => {
                emit(&json!({
                    "event": "quiet", "at": quiet.at, "host": quiet.role,
                    "reason": quiet.reason, "ns": quiet.ns,
                }));
                seen.quiets.push(quiet);
            }
            Told::Step { label, at, states } => {
                emit(&json!({
                    "event": "step", "at": at, "label": label,
                    "states": states,
                }));
                let sockets = Default::default();
                seen.steps.push(Step { label, at, states, sockets });
            }
            Told::Phase(_) | Told::Begun { .. } | Told::Frames => {}
        }
    }

    /// Says what is different since it was last drawn.
    fn draw(&mut self) {
        let Some(seen) = self.seen.as_ref().filter(|_| !self.full) else {
            return;
        };
        let began = Instant::now();
        for (prefix, capture) in self.prefixes.iter_mut().zip(self.captures) {
            self.full |= prefix.read(capture);
        }
        self.full |= self.notes >= SHOWN;
        let frames: Vec<_> =
            self.prefixes.iter().map(|p| p.frames.clone()).collect();
        let model = report::model_so_far(self.of, self.plan, seen, &frames);
        let Ok(model) = model else { return };
        let pairs = self.rows.iter().zip(&model.rows);
        let same = pairs.take_while(|(old, new)| old == new).count();
        if same < model.rows.len() || same < self.rows.len() {
            rows(same, &model.rows[same..]);
        }
        if self.full {
            emit(&json!({"event": "more", "shown": SHOWN}));
        }
        self.rows = model.rows;
        self.news = false;
        self.due = Instant::now() + EVERY.max(began.elapsed() * REST);
    }
}

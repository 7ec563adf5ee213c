//! Anybody's capture -> what is wrong in it: frames in, report out, nothing
//! else touched.
//!
//! - `heard`      a frame -> what the analysis takes of it
//! - `tracker`    frames -> connections; what is open is all that is held
//! - `connection` a connection's segments -> findings, by `handshake`,
//!   `stream`, `loss`, `reset`, `doubt`, `icmp`, `udp`, `twice`, and `finish`
//! - `say`        a finding -> its sentence
//! - `rows`       the file again -> the packets of one connection, its ladder
//! - `text`, `json`: for a terminal, for a page

mod connection;
mod doubt;
mod finding;
mod finish;
mod fragments;
mod half;
mod handshake;
mod heard;
mod icmp;
mod json;
mod loss;
mod reset;
mod rows;
mod say;
mod spool;
mod stream;
mod summary;
mod text;
mod tracker;
mod twice;
mod udp;

use std::io::Read;

use anyhow::Result;
use lab_trace::reader::{Ended, frames};

pub(crate) use json::as_json;
pub(crate) use rows::{Shown, shown};
pub(crate) use spool::Source;
pub(crate) use summary::Listed;
pub(crate) use text::report;
use tracker::{Passed, Tracker};

/// What was found in a file.
pub(crate) struct Explained {
    pub(crate) passed: Passed,
    /// Worst first.
    pub(crate) connections: Vec<Listed>,
    pub(crate) healthy: u64,
    pub(crate) not_listed: u64,
    pub(crate) ended: Ended,
}

impl Explained {
    pub(crate) fn find(&self, number: u32) -> Option<&Listed> {
        self.connections.iter().find(|c| c.number == number)
    }

    /// How many have something wrong.
    pub(crate) fn wrong(&self) -> u64 {
        self.passed.connections - self.healthy
    }

    /// What the reader must know of the file itself.
    pub(crate) fn notes(&self) -> Vec<String> {
        let passed = &self.passed;
        let mut notes = Vec::new();
        if let Ended::BreaksOff(why) = &self.ended {
            notes.push(format!(
                "The file breaks off ({why}): explained as far as it goes."
            ));
        }
        if passed.unread > 0 {
            notes.push(format!(
                "{} packets are of link type {}, which is not read.",
                passed.unread, passed.unread_link
            ));
        }
        if passed.cut > 0 {
            notes.push(format!(
                "{} packets were cut before their TCP flags: capture with a \
                 longer snap length (tcpdump -s 128).",
                passed.cut
            ));
        }
        if passed.dropped > 0 {
            notes.push(format!(
                "More connections were open at once than are followed: {} \
                 that were silent for longest count as ended.",
                passed.dropped
            ));
        }
        if self.not_listed > 0 {
            notes.push(format!(
                "{} connections are counted but not listed.",
                self.not_listed
            ));
        }
        notes
    }
}

/// Reads a capture once, to its end.
///
/// # Errors
/// Not a capture, or it can't be read.
pub(crate) fn explain(source: impl Read + Send) -> Result<Explained> {
    let mut tracker = Tracker::default();
    let ended = frames(source, &mut |frame| {
        tracker.take(&frame);
        Ok(())
    })?;
    tracker.finish();
    let Tracker { passed, done, .. } = tracker;
    Ok(Explained {
        passed,
        connections: done.listed,
        healthy: done.healthy,
        not_listed: done.not_listed,
        ended,
    })
}

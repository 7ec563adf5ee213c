//! A run that has ended -> its notes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Counters, Socket};

use super::Director;
use crate::kernel::{counters, growth};
use crate::stage::answer::Answer;
use crate::stage::capture::FLOOD;
use crate::stage::job::{Notes, taps_of};
use lab_trace::{End, Seen};

/// What the kernels say at the end of a run, by host.
pub(super) struct LastWords {
    counters: BTreeMap<String, Counters>,
    left: BTreeMap<String, Vec<Socket>>,
    /// Why not to trust the captures. Asked at the same moment: a program
    /// that ends after it closes its sockets, and their FINs count too.
    inconclusive: Option<String>,
}

impl Director {
    pub(in crate::stage) fn is_closed(&self) -> bool {
        self.last_words.is_some()
    }

    pub(in crate::stage) fn host_names(&self) -> Vec<String> {
        self.network.hosts.iter().map(|h| h.name.clone()).collect()
    }

    pub(super) fn hear_last_words(&mut self) -> Result<LastWords> {
        let mut words = LastWords {
            counters: BTreeMap::new(),
            left: BTreeMap::new(),
            inconclusive: self.incomplete()?,
        };
        for (n, name) in self.host_names().into_iter().enumerate() {
            let after = counters(&self.network.hosts[n].namespace)?;
            let grew = growth(&self.before[n], &after);
            words.counters.insert(name.clone(), grew);
            words.left.insert(name, self.sockets_of(n)?);
        }
        Ok(words)
    }

    pub(super) fn notes(&mut self, stall: Duration) -> Result<Notes> {
        let words = match self.last_words.take() {
            Some(words) => words,
            None => self.hear_last_words()?,
        };
        Ok(Notes {
            seen: Seen {
                format: lab_kit::protocol::FORMAT,
                kernel: crate::kernel::release(),
                hosts: self.host_names(),
                ends: self.ends(),
                taps: taps_of(&self.job.plan),
                start: self.start,
                marks: std::mem::take(&mut self.marks),
                observations: std::mem::take(&mut self.observations),
                steps: std::mem::take(&mut self.steps),
                quiets: std::mem::take(&mut self.quiets),
                counters: words.counters,
                left: words.left,
                options: self.job.options.clone(),
            },
            answers: self.answers.iter_mut().map(Answer::noted).collect(),
            stall_ns: stall.as_nanos() as u64,
            waited_ns: self.waited_ns,
            inconclusive: words.inconclusive,
            over_time: self.over_time,
            flood: self.flooded.then(|| {
                format!("more than {FLOOD} frames passed; the run was ended")
            }),
            phases: Vec::new(),
        })
    }

    pub(super) fn ends(&self) -> Vec<End> {
        let all = self.network.hosts.iter().flat_map(|host| {
            host.ends.iter().map(|end| End {
                host: host.name.clone(),
                mac: end.mac,
                address: end.address.to_string(),
            })
        });
        all.collect()
    }
}

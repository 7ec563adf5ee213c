//! A run of a sick system -> what the book shows of it: the ladder with the
//! numbers that a diagnosis names, times, counters, and the sockets left.

use std::fs;

use lab_kit::ladder::{Detail, Ladder, Row};

use crate::discover::Lab;
use crate::run::Run;

/// How its file ends, beside the snapshot.
const ENDING: &str = "ladder.json";

/// What is given of a run; nothing, if nobody is asked about it.
pub(crate) fn given(run: &Run) -> Option<Ladder> {
    if !run.plan.asks {
        return None;
    }
    let detail = Detail {
        verbose: true,
        windows: true,
        by_arrival: run.plan.is_stepped(),
        numbered: true,
        goes_on: false,
    };
    // Without the rules: which segments they are about is the answer.
    let mut ladder = Ladder::of_evidence(&run.evidence, &[], &[], detail);
    for (host, sockets) in &run.evidence.left {
        ladder.rows.extend(sockets.iter().map(|socket| Row::Note {
            at: None,
            host: host.clone(),
            text: format!("left {socket}"),
        }));
    }
    Some(ladder)
}

/// What was given when the run was accepted.
pub(crate) fn kept_ladder(lab: &Lab, name: &str) -> Option<Ladder> {
    let text = fs::read(lab.kept(name, ENDING)).ok()?;
    serde_json::from_slice(&text).ok()
}

/// The name of its file.
pub(super) fn path(lab: &Lab, name: &str) -> std::path::PathBuf {
    lab.kept(name, ENDING)
}

//! Exercises: somebody's source -> a program -> a judged run -> what to say.

mod build;
mod explain;
mod find;
mod progress;

pub(crate) use build::{Source, build, manifest};
pub(crate) use explain::explain;
pub(crate) use find::{Found, all, find};
pub(crate) use progress::Progress;

use std::path::PathBuf;

use anyhow::Result;

use crate::run::{Run, Turned, run};

/// Runs an exercise with this program as the answer.
pub(crate) fn attempt(found: &Found, program: Vec<PathBuf>) -> Result<Run> {
    let turned = Turned { answer: Some(program), ..Turned::default() };
    run(&found.lab, &found.task.plan, &turned)
}

/// The points that a run is worth.
pub(crate) fn points(found: &Found, run: &Run) -> u32 {
    let rules = found.task.rules.iter().zip(&run.findings);
    rules.filter(|(_, f)| f.holds).map(|(rule, _)| rule.points).sum()
}

/// The first rule that a run breaks, by its number.
pub(crate) fn first_broken(run: &Run) -> Option<usize> {
    run.findings.iter().position(|finding| !finding.holds)
}

//! Exercises: somebody's source -> a program -> a judged run -> what to say;
//! or somebody's form -> a run judged by what it says.

mod boxed;
mod build;
mod explain;
mod find;
pub(crate) mod form;
mod offline;
mod progress;

pub(crate) use boxed::boxed;
pub(crate) use build::{Source, build, manifest};
pub(crate) use explain::explain;
pub(crate) use find::{Found, all, find};
pub(crate) use offline::{cargo_build, has_cargo, no_rust};
pub(crate) use progress::Progress;

use anyhow::Result;
use lab_kit::Kind;

use crate::kept;
use crate::run::{Run, Turned, run};
use crate::stage::Program;

/// An answer, ready to be judged.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A program.
    Program(Program),
    /// A form, filled in.
    Said(form::Words),
}

/// Judges an answer: by a run that it takes part in, by a run that it
/// foretells, or by the accepted capture that it is about.
pub(crate) fn attempt(found: &Found, answer: Answer) -> Result<Run> {
    let mut turned = Turned::default();
    match answer {
        Answer::Program(program) => turned.answer = Some(program),
        Answer::Said(said) => turned.said = Some(said),
    }
    let plan = &found.task.plan;
    match found.task.kind {
        Kind::Diagnose => kept::judged(&found.lab, plan, &plan.name, &turned),
        Kind::Make | Kind::Predict => run(&found.lab, plan, &turned),
    }
}

/// The system that a diagnosis is about, as it was accepted.
pub(crate) fn sick(found: &Found) -> Result<Run> {
    let plan = &found.task.plan;
    kept::judged(&found.lab, plan, &plan.name, &Turned::default())
}

/// Whether rules count at all. A program that does not do its work breaks many
/// a rule least: without the first rule, none counts.
pub(crate) fn counts(found: &Found, run: &Run) -> bool {
    let works = run.findings.first().is_some_and(|f| f.holds);
    works || found.task.kind != Kind::Make
}

/// The points that a run is worth.
pub(crate) fn points(found: &Found, run: &Run) -> u32 {
    if !counts(found, run) {
        return 0;
    }
    let rules = found.task.rules.iter().zip(&run.findings);
    rules.filter(|(_, f)| f.holds).map(|(rule, _)| rule.points).sum()
}

/// The first rule that a run breaks, by its number.
pub(crate) fn first_broken(run: &Run) -> Option<usize> {
    run.findings.iter().position(|finding| !finding.holds)
}

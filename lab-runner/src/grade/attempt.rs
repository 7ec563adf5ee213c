//! A ready answer -> a mark that doesn't depend on how busy the machine is.
//!
//! Runs share the machine. What a shared run finds wrong, a run that has the
//! grader to itself must find too; what can't be judged is run again.

use std::sync::{PoisonError, RwLock};

use super::mark::{of_run, unrun};
use super::results::{Cause, Graded, Mark};
use crate::exercise::{Answer, Found, attempt};
use crate::run::Run;
use lab_kit::Kind;

/// Who runs at the moment.
#[derive(Default)]
pub(super) struct Machine(RwLock<()>);

impl Machine {
    /// Does what others may do meanwhile.
    pub(super) fn shared<T>(&self, act: impl FnOnce() -> T) -> T {
        let _others = self.0.read().unwrap_or_else(PoisonError::into_inner);
        act()
    }

    fn alone<T>(&self, act: impl FnOnce() -> T) -> T {
        let _nobody = self.0.write().unwrap_or_else(PoisonError::into_inner);
        act()
    }
}

/// A mark, and the run that it rests on.
pub(super) struct Judged {
    pub(super) mark: Mark,
    pub(super) run: Option<Run>,
}

/// Judges an answer, `tries` times if need be.
pub(super) fn judged(
    machine: &Machine,
    found: &Found,
    answer: &Answer,
    tries: u32,
) -> Judged {
    let timed = found.task.alone;
    let never = unrun(found, Cause::CouldNotRun, "it was never run");
    let mut judged = Judged { mark: never, run: None };
    for n in 1..=tries.max(1) {
        let is_alone = timed || n > 1;
        let run = || once(found, answer, n);
        judged = match is_alone {
            true => machine.alone(run),
            false => machine.shared(run),
        };
        let is_final = match judged.mark.verdict {
            Graded::Pass => true,
            Graded::Inconclusive => false,
            Graded::Partial | Graded::Fail => {
                is_alone || found.task.kind == Kind::Diagnose
            }
        };
        if is_final {
            return judged;
        }
    }
    judged
}

/// The `n`th run of an answer.
pub(super) fn once(found: &Found, answer: &Answer, n: u32) -> Judged {
    match attempt(found, answer.clone()) {
        Ok(run) => Judged { mark: of_run(found, &run, n), run: Some(run) },
        Err(error) => {
            let why = format!("{error:#}");
            let unrun = unrun(found, Cause::CouldNotRun, &why);
            Judged { mark: Mark { runs: n, ..unrun }, run: None }
        }
    }
}

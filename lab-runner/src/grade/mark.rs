//! An attempt -> a mark.

use lab_kit::ladder::text::draw;

use super::results::{Cause, Graded, Held, Mark, Printed, Ruled};
use crate::check::Verdict;
use crate::exercise::{Found, counts, first_broken, points};
use crate::report::{self, harmless};
use crate::run::Run;

/// The whole page, whatever terminal the teacher has.
const COLUMNS: usize = 96;

/// No answer was run.
pub(super) fn unrun(found: &Found, cause: Cause, why: &str) -> Mark {
    let verdict = match cause {
        Cause::LostFrames | Cause::SlowMachine | Cause::CouldNotRun => {
            Graded::Inconclusive
        }
        _ => Graded::Fail,
    };
    Mark {
        exercise: found.name(),
        verdict,
        cause,
        why: harmless(why),
        points: 0,
        of: found.task.points(),
        rules: Vec::new(),
        ladder: String::new(),
        programs: Vec::new(),
        digest: String::new(),
        layers: Vec::new(),
        runs: 0,
        evidence: None,
    }
}

/// A judged run's mark.
pub(super) fn of_run(found: &Found, run: &Run, runs: u32) -> Mark {
    let (verdict, cause, why) = verdict(found, run);
    let points = match verdict {
        Graded::Inconclusive => 0,
        _ => points(found, run),
    };
    let lines = draw(&report::ladder_of(run, false), COLUMNS);
    let mut lines: Vec<String> =
        lines.into_iter().map(|line| line.text).collect();
    if run.evidence.trace.segments.is_empty() {
        lines.push(format!("{:12}no packet passed", ""));
    }
    Mark {
        verdict,
        points,
        rules: rules(found, run),
        ladder: lines.join("\n"),
        programs: programs(run),
        layers: layers(run),
        runs,
        ..unrun(found, cause, &why)
    }
}

fn verdict(found: &Found, run: &Run) -> (Graded, Cause, String) {
    if let Verdict::Inconclusive(why) = &run.verdict {
        let cause = match run.notes.inconclusive {
            Some(_) => Cause::LostFrames,
            None => Cause::SlowMachine,
        };
        return (Graded::Inconclusive, cause, why.clone());
    }
    let Some(n) = first_broken(run) else {
        return (Graded::Pass, Cause::AllHold, "every rule holds".into());
    };
    let rule = &found.task.rules[n].claim;
    let finding = &run.findings[n];
    let why = format!("{rule}: wanted {}; saw {}", finding.wanted, finding.saw);
    match points(found, run) {
        0 => (Graded::Fail, Cause::Rule, why),
        _ => (Graded::Partial, Cause::Rule, why),
    }
}

/// A rule that holds and doesn't count is told as one that does not hold.
fn rules(found: &Found, run: &Run) -> Vec<Ruled> {
    let counts = counts(found, run);
    let rules = found.task.rules.iter().zip(&run.findings);
    rules
        .map(|(rule, finding)| Ruled {
            rule: rule.claim.clone(),
            points: rule.points,
            holds: finding.holds && counts,
            wanted: match finding.holds && !counts {
                true => "that the first rule holds".into(),
                false => finding.wanted.clone(),
            },
            saw: harmless(&finding.saw),
        })
        .collect()
}

fn programs(run: &Run) -> Vec<Printed> {
    let answers = run.notes.answers.iter();
    answers
        .map(|answer| Printed {
            host: answer.host.clone(),
            how: answer.how.clone().unwrap_or("still running".into()),
            text: harmless(&answer.printed),
        })
        .collect()
}

/// Of all programs of the answer: a layer is on if it was on for each.
fn layers(run: &Run) -> Vec<Held> {
    let mut all: Vec<Held> = Vec::new();
    for state in run.notes.answers.iter().flat_map(|answer| &answer.layers) {
        let layer = format!("{:?}", state.layer);
        match all.iter_mut().find(|held| held.layer == layer) {
            Some(held) if held.on && !state.active => {
                (held.on, held.note) = (false, state.note.clone());
            }
            Some(_) => {}
            None => all.push(Held {
                layer,
                on: state.active,
                note: state.note.clone(),
            }),
        }
    }
    all
}

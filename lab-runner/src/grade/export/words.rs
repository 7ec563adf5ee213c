//! A mark -> the words that every export says of it.

use crate::grade::results::{Assigned, Cause, Graded, Mark, Ruled, Worth};

/// What came of a rule.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Outcome<'a> {
    Holds,
    /// The first that does not hold.
    First(&'a Ruled),
    /// Doesn't hold either.
    Also(&'a Ruled),
    /// There was no run to judge.
    NotRun,
    /// It can't be said.
    Open,
}

/// Each rule of an exercise, and what came of it.
pub(super) fn outcomes<'a>(
    exercise: &'a Assigned,
    mark: &'a Mark,
) -> Vec<(&'a Worth, Outcome<'a>)> {
    let first = mark.rules.iter().position(|ruled| !ruled.holds);
    let outcome = |n: usize| match mark.rules.get(n) {
        _ if mark.verdict == Graded::Inconclusive => Outcome::Open,
        None => Outcome::NotRun,
        Some(ruled) if ruled.holds => Outcome::Holds,
        Some(ruled) if first == Some(n) => Outcome::First(ruled),
        Some(ruled) => Outcome::Also(ruled),
    };
    let rules = exercise.rules.iter().enumerate();
    rules.map(|(n, worth)| (worth, outcome(n))).collect()
}

/// The sign and the word: neither colour nor shape says it alone.
pub(super) fn verdict(verdict: Graded) -> (&'static str, &'static str) {
    match verdict {
        Graded::Pass => ("✓", "pass"),
        Graded::Partial => ("◐", "partial"),
        Graded::Fail => ("✗", "fail"),
        Graded::Inconclusive => ("?", "inconclusive"),
    }
}

/// A cause as a word, the one that `results.json` has.
pub(super) fn cause(cause: Cause) -> &'static str {
    match cause {
        Cause::AllHold => "all-hold",
        Cause::Rule => "rule",
        Cause::NotHandedIn => "not-handed-in",
        Cause::NotAnAnswer => "not-an-answer",
        Cause::DoesNotCompile => "does-not-compile",
        Cause::LostFrames => "lost-frames",
        Cause::SlowMachine => "slow-machine",
        Cause::CouldNotRun => "could-not-run",
    }
}

/// What happened, to the student; `why` has the particulars.
pub(super) fn sentence(cause: Cause) -> &'static str {
    match cause {
        Cause::AllHold => "Every rule holds.",
        Cause::Rule => "One step is not as the rules want it.",
        Cause::NotHandedIn => "There was no answer to this exercise.",
        Cause::NotAnAnswer => "What was handed in can't be an answer.",
        Cause::DoesNotCompile => "The compiler refuses this answer.",
        Cause::LostFrames => "The capture lost frames.",
        Cause::SlowMachine => "The machine stood still during the run.",
        Cause::CouldNotRun => "The lab itself could not be run.",
    }
}

/// What an inconclusive mark means, in every export.
pub(super) const OPEN: &str = "No mark yet: it can't be said whether this \
    answer is right. It is not wrong, and it counts neither for nor against.";

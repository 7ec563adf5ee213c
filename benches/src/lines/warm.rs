//! (a) One more experiment in a process that has run some.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::{FLOOR, Setup};

pub(super) fn line(setup: &Setup) -> Line {
    let runs = if setup.quick { 4 } else { 20 };
    let count = runs.to_string();
    let words = ["--repeat", &count, "--jobs", "1", "--keep-going"];
    let each = |it: Contender| it.sampled(Sampling::EachLine).due(runs);
    let mut contenders = vec![each(setup.exchange("lab-runner", &words))];
    contenders.extend(setup.exchange_peers(runs).into_iter().map(each));
    Line {
        contenders,
        goal: Some(("at most 1.5 times the C program", |result| {
            let mut all = result.contenders.iter();
            let floor = all.find(|one| one.name == FLOOR)?;
            Some(floor.ratio?.median >= 1.0 / 1.5)
        })),
        note: "One after the other, in one process: from verdict to verdict."
            .into(),
        ..Line::new("warm", "One more experiment in the same process", "ms")
    }
}

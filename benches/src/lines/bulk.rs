//! (b) Many experiments, 1, 2, 8 and 32 at once: how many in a second, and how
//! many of the verdicts are right.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::{FLOOR, Setup};

pub(super) fn line(setup: &Setup) -> Line {
    let mut contenders = Vec::new();
    let all: &[u64] = if setup.quick { &[8] } else { &[8, 32, 2, 1] };
    let runs = if setup.quick { 16 } else { 200 };
    let rate = |it: Contender| it.sampled(Sampling::LinesPerSecond).due(runs);
    for jobs in all {
        let (jobs, runs) = (jobs.to_string(), runs.to_string());
        let words = ["--repeat", &runs, "--jobs", &jobs, "--keep-going"];
        let name = format!("lab-runner, {jobs} at once");
        contenders.push(rate(setup.exchange(&name, &words)));
        let name = format!("{FLOOR}, {jobs} at once");
        let command: [&dyn AsRef<std::ffi::OsStr>; 4] =
            [&setup.floor, &"exchange", &runs, &jobs];
        let floor = Contender::new(&name, &command);
        contenders.push(rate(floor.needs_file(&setup.floor).needs_root()));
    }
    Line {
        more_is_better: true,
        contenders,
        goal: Some((
            "150 in a second, 8 at once, and every verdict right",
            |result| {
                let ours = result.contenders.iter().find(|one| one.ours)?;
                let right = result.contenders.iter().filter(|one| one.ours);
                let mut right = right.map(|one| one.right);
                let all = right.all(|[right, due]| right == due);
                Some(all && ours.spread.median >= 150.0)
            },
        )),
        most_rounds: 5,
        ..Line::new("bulk", "Many experiments", "in a second")
    }
}

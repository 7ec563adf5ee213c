//! (i) What more of it costs: the exponent of a growth is 1 if it is linear.

use super::{Line, Met};
use crate::contender::{Contender, Sampling};
use crate::setup::{Handed, Setup};

const LINEAR: (&str, Met) = ("linear: an exponent of at most 1.1", |result| {
    Some(result.exponent? <= 1.1)
});

fn line_of(
    name: &'static str,
    title: &'static str,
    contenders: Vec<Contender>,
) -> Line {
    Line {
        contenders,
        goal: Some(LINEAR),
        most_rounds: 3,
        ..Line::new(name, title, "ms")
    }
}

/// Hosts of one experiment, in a chain.
pub(super) fn hosts(setup: &Setup) -> Line {
    let all: &[u32] = if setup.quick { &[2, 8] } else { &[2, 8, 32, 64] };
    let points = all.iter().map(|count| {
        let it = setup.lab(&amount(*count), &format!("chain-{count}"), &[]);
        it.sampled(Sampling::Exit).at(f64::from(*count))
    });
    line_of("growth-hosts", "Hosts of one experiment", points.collect())
}

/// Packets that one experiment sends, until they are judged and shown.
pub(super) fn packets(setup: &Setup) -> Line {
    let all: &[u32] = match (setup.quick, setup.long) {
        (true, _) => &[10, 100],
        (_, false) => &[10, 100, 1_000, 10_000, 100_000],
        (_, true) => &[10, 100, 1_000, 10_000, 100_000, 1_000_000],
    };
    let points = all.iter().map(|count| {
        let turned = format!("client:count={count}");
        let it = setup.lab(&amount(*count), "flood", &["--set", &turned]);
        it.sampled(Sampling::Exit).silent().at(f64::from(*count))
    });
    let title = "Packets of one experiment";
    line_of("growth-packets", title, points.collect())
}

/// Packets of somebody's capture, until it is explained.
pub(super) fn capture(setup: &Setup) -> Line {
    let all: &[u64] = match setup.quick {
        true => &[10, 1_000],
        false => &[10_000, 100_000, 1_000_000],
    };
    let points = all.iter().map(|count| {
        let capture = setup.capture(*count);
        let name = amount(*count as u32);
        let it = setup.runner(&name, &[&"explain", &capture]);
        it.sampled(Sampling::Exit).silent().at(*count as f64)
    });
    let title = "Packets of a capture, explained";
    line_of("growth-capture", title, points.collect())
}

/// Experiments that run in one process, 8 at once.
pub(super) fn experiments(setup: &Setup) -> Line {
    let all: &[u32] = if setup.quick { &[2, 8] } else { &[10, 50, 200] };
    let points = all.iter().map(|count| {
        let runs = count.to_string();
        let words = ["--repeat", &runs, "--jobs", "8", "--keep-going"];
        let it = setup.exchange(&amount(*count), &words);
        let it = it.sampled(Sampling::Exit).due(u64::from(*count));
        it.at(f64::from(*count))
    });
    let title = "Experiments, 8 at once";
    line_of("growth-experiments", title, points.collect())
}

/// The same, one process's memory.
pub(super) fn memory(setup: &Setup) -> Line {
    let all: &[u32] = match (setup.quick, setup.long) {
        (true, _) => &[2, 8],
        (_, false) => &[50, 200, 800],
        (_, true) => &[100, 1_000, 10_000],
    };
    let points = all.iter().map(|count| {
        let runs = count.to_string();
        let words = ["--repeat", &runs, "--jobs", "8", "--keep-going"];
        let it = setup.exchange(&amount(*count), &words);
        let it = it.sampled(Sampling::PeakMb).due(u64::from(*count));
        it.at(f64::from(*count))
    });
    Line {
        contenders: points.collect(),
        goal: Some(("flat: an exponent of at most 0.05", |result| {
            Some(result.exponent? <= 0.05)
        })),
        most_rounds: 1,
        ..Line::new("memory", "Memory of one process, by experiments", "MB")
    }
}

/// Students of a class.
pub(super) fn submissions(setup: &Setup) -> Line {
    let all: &[u32] = match (setup.quick, setup.long) {
        (true, _) => &[1, 2],
        (_, false) => &[10, 50, 200],
        (_, true) => &[10, 200, 2_000],
    };
    let points = all.iter().map(|count| {
        let it = setup.grading(&amount(*count), Handed::Form, *count);
        it.sampled(Sampling::Exit).at(f64::from(*count))
    });
    let title = "Submissions of a class";
    line_of("growth-submissions", title, points.collect())
}

fn amount(count: u32) -> String {
    count.to_string()
}

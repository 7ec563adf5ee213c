//! How much each member of a group got: a hash's choice, so measured.

use anyhow::Result;
use lab_kit::figure::{Bars, Figure};
use lab_kit::{Evidence, Net};

/// Whether each came right after the one before it, round and round: of a
/// group of one, nobody can say.
pub(crate) fn in_turn(reached: &[usize], members: usize) -> bool {
    let next = |pair: &[usize]| (pair[0] + 1) % members == pair[1];
    members > 1 && reached.windows(2).all(next)
}

/// Keeps how many each member got, and whether one of them got all.
pub(crate) fn observe(
    net: &Net,
    reached: &[usize],
    members: usize,
) -> Result<()> {
    let of = |member| reached.iter().filter(|n| **n == member).count();
    for member in 0..members {
        net.measure(&name(member), of(member))?;
    }
    net.observe("one got all", (0..members).any(|n| of(n) == reached.len()))
}

pub(crate) fn shares(run: &Evidence) -> Bars {
    let all = (0..4).map(name);
    all.fold(Figure::bars("of 32"), |bars, name| {
        let got = run.observed("server", &name).number().value();
        bars.bar(&name, got.unwrap_or(0))
    })
}

fn name(member: usize) -> String {
    format!("socket {}", member + 1)
}

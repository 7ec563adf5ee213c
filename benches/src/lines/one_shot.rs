//! (a) One experiment, from the start of a process to its verdict.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let once = |name, how| setup.exchange(name, &[]).sampled(how);
    let peers = setup.exchange_peers(1);
    let mut contenders = vec![
        once("lab-runner", Sampling::Verdict),
        once("lab-runner, until it has ended", Sampling::Exit),
        setup.as_a_reader_types(),
    ];
    let verdict = |peer: Contender| peer.sampled(Sampling::Verdict);
    contenders.extend(peers.into_iter().map(verdict));
    Line {
        contenders,
        goal: Some(("at most 1.5 times the C program", |result| {
            let mut all = result.contenders.iter();
            let floor = all.find(|one| one.name == crate::setup::FLOOR)?;
            Some(floor.ratio?.median >= 1.0 / 1.5)
        })),
        note: "Two machines, a handshake, a byte each way, a close; the trace \
               is looked at. Nothing in it waits for a timer. Others make no \
               snapshot, claims or ladder of it. ./run compiles nothing \
               here, but looks whether it should."
            .into(),
        ..Line::new(
            "one-shot",
            "One experiment, from the start to the verdict",
            "ms",
        )
    }
}

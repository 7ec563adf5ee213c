//! What a reader waits for who changed a lab's source: the compiler, the linker,
//! the experiment.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::rebuild;
use crate::setup::Setup;

/// It waits for a timer of 200 ms itself: the other contender says so.
const EXPERIMENT: &str = "cork-cap";

pub(super) fn line(setup: &Setup) -> Line {
    let copied = rebuild::copy(&setup.root, &setup.scratch);
    let root = copied.unwrap_or_else(|why| {
        eprintln!("no copy to edit: {why:#}");
        setup.scratch.join("rebuild")
    });
    let source = "labs/ch05-delayed-ack/src/cork_cap.rs";
    let (edited, original) = (root.join(source), setup.root.join(source));
    let runner = setup.program("lab-runner");
    let script = setup.peer("edit-and-run");
    let command: [&dyn AsRef<std::ffi::OsStr>; 7] =
        [&script, &edited, &original, &runner, &"ch05", &EXPERIMENT, &"--json"];
    let at = |name: &str, command: &[&dyn AsRef<std::ffi::OsStr>]| {
        Contender::new(name, command)
            .ours()
            .sampled(Sampling::Verdict)
            .with("LAB_ROOT", &root)
            .with("LAB_PROGRAMS", "")
            .with("CARGO_TARGET_DIR", root.join("target"))
            .needs("cargo")
            .needs_file(&edited)
    };
    Line {
        contenders: vec![
            at("an experiment's source edited, and run", &command),
            at("not edited", &command[3..]),
        ],
        goal: Some(("less than 2 s", |result| {
            let edited = result.contenders.first()?;
            Some(edited.spread.median < 2000.0)
        })),
        note: "In a copy of chapter 5, so that nothing of yours is edited. \
               What it needs was compiled in the round that is not counted."
            .into(),
        most_rounds: 5,
        ..Line::new("rebuild", "A lab compiled again, and run", "ms")
    }
}

//! (g) The book, built from the chapters and the accepted traces.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let lab_book = setup.program("lab-book");
    let out = setup.scratch.join("book");
    let command: [&dyn AsRef<std::ffi::OsStr>; 4] =
        [&lab_book, &"build", &"--dest", &out];
    let build = Contender::new("lab-book build", &command).ours();
    let build = build
        .with("LAB_ROOT", &setup.root)
        .with("LAB_PROGRAMS", &setup.programs);
    Line {
        contenders: vec![
            build.sampled(Sampling::Exit).silent().needs_file(&lab_book),
        ],
        note: "Every lab is asked what it claims of its accepted traces; no \
               experiment runs, and no lab is compiled."
            .into(),
        most_rounds: 3,
        ..Line::new("book", "The book, built whole", "ms")
    }
}

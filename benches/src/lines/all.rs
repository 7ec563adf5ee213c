//! (h) Every experiment of every chapter, 8 at once.

use super::Line;
use crate::contender::Sampling;
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let waits = setup.waits();
    let all = setup.runner("lab-runner all", &[&"all", &"--jobs", &"8"]);
    let all = all.with("LAB_ROOT", &setup.root);
    Line {
        contenders: vec![all.sampled(Sampling::Exit).silent()],
        note: format!(
            "In the accepted runs the hosts took {:.1} s in all, the longest \
             experiment {:.1} s: with 8 at once nobody can be done before \
             {:.1} s.",
            waits.sum,
            waits.longest,
            waits.longest.max(waits.sum / 8.0)
        ),
        most_rounds: 3,
        ..Line::new("all", "Every experiment, 8 at once", "ms")
    }
}

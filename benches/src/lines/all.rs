//! (h) Every experiment of every chapter, 8 at once, beside what their waits take.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let waits = setup.waits();
    let least = waits.longest.max(waits.sum / 8.0);
    let all = |name| {
        let it = setup.runner(name, &[&"all", &"--jobs", &"8"]);
        let it = it.with("LAB_ROOT", &setup.root);
        it.sampled(Sampling::Exit).silent()
    };
    let asleep = Contender::new(
        "the waits alone, 8 at once",
        &[&"sleep", &format!("{least:.2}")],
    );
    Line {
        contenders: vec![
            all("lab-runner all, warm"),
            all("lab-runner all, cold").cold(setup.all_programs()),
            asleep.silent(),
        ],
        note: format!(
            "In the accepted runs the hosts took {:.1} s in all, the longest \
             experiment {:.1} s: with 8 at once nobody can be done before \
             {least:.1} s. Cold, no program of ours is in memory.",
            waits.sum, waits.longest,
        ),
        most_rounds: 3,
        ..Line::new("all", "Every experiment, 8 at once", "ms")
    }
}

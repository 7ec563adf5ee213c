//! (e) A class's submissions, whose programs were built before.

use super::Line;
use crate::contender::Sampling;
use crate::setup::Setup;

pub(super) fn line(setup: &Setup) -> Line {
    let students = if setup.quick { 4 } else { 100 };
    Line {
        more_is_better: true,
        contenders: vec![
            setup
                .grading("lab-runner grade", students)
                .sampled(Sampling::PerSecond(students as f64)),
        ],
        note: format!(
            "{students} students hand in one program, which is built in the \
             round that is not counted; each is run in its box and judged. \
             Nobody else here grades what a kernel sent."
        ),
        most_rounds: 3,
        ..Line::new("grading", "Submissions graded", "in a second")
    }
}

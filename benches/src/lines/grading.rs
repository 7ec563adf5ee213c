//! (e) A class's submissions: what grading itself costs, and a compiler.

use super::Line;
use crate::contender::{Contender, Sampling};
use crate::setup::{Handed, Setup};

pub(super) fn line(setup: &Setup) -> Line {
    let students = if setup.quick { 4 } else { 100 };
    let of = |name: &str, handed| -> Contender {
        let it = setup.grading(name, handed, students);
        it.sampled(Sampling::PerSecond(f64::from(students)))
    };
    Line {
        more_is_better: true,
        contenders: vec![
            of("lab-runner grade: predictions", Handed::Form),
            of("lab-runner grade: Python", Handed::Python),
            of("lab-runner grade: Rust, compiled for each", Handed::Rust),
        ],
        note: format!(
            "{students} students hand in the solution. A prediction is judged \
             by a run; a program takes part in one, in its box. Nobody else \
             here grades what a kernel sent."
        ),
        most_rounds: 3,
        ..Line::new("grading", "Submissions graded", "in a second")
    }
}

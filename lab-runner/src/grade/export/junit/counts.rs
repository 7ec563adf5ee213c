//! A student's marks -> the numbers that JUnit wants of a suite.

use crate::grade::export::words::{Outcome, outcomes};
use crate::grade::results::{Assigned, Student};

#[derive(Default)]
pub(super) struct Counts {
    tests: usize,
    failures: usize,
    errors: usize,
}

impl Counts {
    pub(super) fn of(exercises: &[Assigned], student: &Student) -> Counts {
        let mut counts = Counts::default();
        for (exercise, mark) in exercises.iter().zip(&student.marks) {
            for (_, outcome) in outcomes(exercise, mark) {
                counts.tests += 1;
                match outcome {
                    Outcome::Holds => {}
                    Outcome::Open => counts.errors += 1,
                    _ => counts.failures += 1,
                }
            }
        }
        counts
    }

    pub(super) fn add(&mut self, other: Counts) {
        self.tests += other.tests;
        self.failures += other.failures;
        self.errors += other.errors;
    }

    pub(super) fn attributes(&self) -> [(&'static str, String); 3] {
        [
            ("tests", self.tests.to_string()),
            ("failures", self.failures.to_string()),
            ("errors", self.errors.to_string()),
        ]
    }
}

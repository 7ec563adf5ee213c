//! A chapter's text, its lab's accepted runs and its exercises -> the minutes
//! that it takes. An estimate: no class was timed.

use lab_kit::Kind;
use serde::Deserialize;

use crate::directive::Directive;
use crate::expand::Part;
use crate::labs::Library;

/// Prose of this kind is read slowly.
pub(crate) const WORDS_A_MINUTE: usize = 150;
/// A ladder, a figure, a listing; a guess that is written down, a question.
pub(crate) const PER_DRAWING: f64 = 1.0;

/// A program to change; a form about a capture; a form about a run to come.
pub(crate) fn estimate(kind: Kind) -> f64 {
    match kind {
        Kind::Make => 30.0,
        Kind::Diagnose => 20.0,
        Kind::Predict => 15.0,
    }
}

/// What a chapter takes.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Minutes {
    pub(crate) words: usize,
    /// Ladders, figures and listings.
    pub(crate) drawings: usize,
    /// And questions of the quiz.
    pub(crate) guesses: usize,
    /// The accepted runs, one after the other.
    pub(crate) runs_ms: u64,
    pub(crate) exercises: usize,
    /// What the exercises take.
    pub(crate) practice: f64,
}

#[derive(Deserialize)]
struct Notes {
    phases: Vec<(String, f64)>,
}

impl Minutes {
    /// Of a chapter and its lab.
    pub(crate) fn of(
        parts: &[Part],
        library: &Library,
        lab: &str,
    ) -> Result<Minutes, String> {
        let mut minutes = Minutes::default();
        let mut fence = false;
        for part in parts {
            match part {
                Part::Text(line) | Part::Heading(line) => {
                    let mark = line.trim_start().starts_with("```");
                    fence ^= mark;
                    if !fence && !mark {
                        minutes.words += line.split_whitespace().count();
                    }
                }
                Part::Directive(_, Directive::Predict { question, .. }) => {
                    minutes.guesses += 1;
                    minutes.words += question.split_whitespace().count();
                }
                Part::Directive(_, Directive::Guess { body, .. }) => {
                    minutes.guesses += 1;
                    let question = body.split("\n---").next();
                    let words = question.unwrap_or_default();
                    minutes.words += words.split_whitespace().count();
                }
                Part::Directive(_, Directive::Quiz { body, .. }) => {
                    let line = |l: &&str| l.starts_with("question:");
                    minutes.guesses += body.lines().filter(line).count();
                }
                Part::Directive(
                    _,
                    Directive::Ladder { .. }
                    | Directive::Figure { .. }
                    | Directive::Code { .. },
                ) => minutes.drawings += 1,
                Part::Directive(..) => {}
            }
        }
        let described = library.lab(lab)?;
        for plan in &described.experiments {
            minutes.runs_ms += library.found(lab, plan)?.lasted_ms()?;
        }
        for exercise in library.exercises(lab)? {
            minutes.exercises += 1;
            minutes.practice += estimate(exercise.task.kind);
        }
        Ok(minutes)
    }

    /// To read, look and guess.
    pub(crate) fn lesson(&self) -> f64 {
        self.words as f64 / WORDS_A_MINUTE as f64
            + (self.drawings + self.guesses) as f64 * PER_DRAWING
    }

    /// To watch the lab.
    pub(crate) fn runs(&self) -> f64 {
        self.runs_ms as f64 / 60_000.0
    }

    /// Without the exercises, in whole minutes.
    pub(crate) fn total(&self) -> u32 {
        (self.lesson() + self.runs()).ceil() as u32
    }
}

/// How long a run took, from its notes.
pub(crate) fn lasted(notes: &[u8]) -> Result<u64, serde_json::Error> {
    let notes: Notes = serde_json::from_slice(notes)?;
    Ok(notes.phases.iter().map(|(_, ms)| ms).sum::<f64>() as u64)
}

//! Notes and minutes for the teacher -> what folds, and what adds up.

use std::fmt::Write;

use lab_kit::Kind;

use super::Desk;
use super::words::chapter;
use crate::teach::{Minutes, PER_DRAWING, WORDS_A_MINUTE, estimate};

/// Folded for readers; the presenter's view shows them beside the slide.
pub(super) fn notes(text: &str) -> String {
    format!(
        "<details class=\"notes\">\n<summary>For the teacher</summary>\n\n\
         {text}\n\n</details>"
    )
}

/// One line at the top of a chapter.
pub(super) fn minutes(desk: &Desk, lab: &str) -> Result<String, String> {
    let minutes = of(desk, lab)?;
    Ok(format!(
        "<p class=\"minutes\" data-minutes=\"{total}\">About {total} minutes, \
         and {practice:.0} for its {count} exercises. \
         <a href=\"teaching.html#minutes\">How that is counted</a></p>",
        total = minutes.total(),
        practice = minutes.practice,
        count = minutes.exercises,
    ))
}

/// A row for each chapter.
pub(super) fn every_minute(desk: &Desk) -> Result<String, String> {
    let mut rows = String::new();
    let (mut lessons, mut practice) = (0, 0.0);
    for lab in desk.library.names() {
        let minutes = of(desk, lab)?;
        lessons += minutes.total();
        practice += minutes.practice;
        let _ = writeln!(
            rows,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td>\
             <td>{:.1}</td><td>{}</td><td>{:.0}</td></tr>",
            chapter(desk, lab)?,
            minutes.words,
            minutes.drawings,
            minutes.guesses,
            minutes.runs(),
            minutes.total(),
            minutes.practice,
        );
    }
    Ok(format!(
        "<p>{WORDS_A_MINUTE} words a minute, plus {PER_DRAWING} minute for each \
         drawing, listing, guess and question, plus the runs, one after the \
         other. An exercise in which a \
         program is changed counts {make} minutes, a diagnosis {diagnose}, a \
         prediction {predict}.</p>\n\
         <div class=\"table-wrapper\">\n<table class=\"numbers\">\n<thead><tr>\
         <th scope=\"col\">Chapter</th><th scope=\"col\">Words</th>\
         <th scope=\"col\">Drawings, listings</th><th scope=\"col\">Guesses, questions</th>\
         <th scope=\"col\">Runs (min)</th><th scope=\"col\">Minutes</th>\
         <th scope=\"col\">Exercises (min)</th></tr></thead>\n<tbody>\n{rows}\
         <tr><th scope=\"row\">All</th><td></td><td></td><td></td><td></td>\
         <td>{lessons}</td><td>{practice:.0}</td></tr>\n\
         </tbody>\n</table>\n</div>",
        make = estimate(Kind::Make),
        diagnose = estimate(Kind::Diagnose),
        predict = estimate(Kind::Predict),
    ))
}

fn of(desk: &Desk, lab: &str) -> Result<Minutes, String> {
    let all = desk.book.minutes.as_ref().map_err(String::clone)?;
    let none = || format!("no page has the lab {lab}: `{{{{#lab {lab}}}}}`");
    all.get(lab).copied().ok_or_else(none)
}

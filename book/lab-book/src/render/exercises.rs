//! Exercises -> tables that link to their pages.

use std::fmt::Write;

use super::Desk;
use crate::exercises::Exercise;
use crate::html::{code, escape};

/// Where a teacher reads on, if it is there.
const GRADING: &str = "reference/grading";

/// The exercises of a lab, or of all of them, a heading for each.
pub(super) fn exercises(
    desk: &Desk,
    lab: Option<&str>,
) -> Result<String, String> {
    match lab {
        Some(lab) => Ok(table(&desk.library.exercises(lab)?)),
        None => all(desk),
    }
}

fn all(desk: &Desk) -> Result<String, String> {
    let library = desk.library;
    let mut text = String::new();
    for name in library.names() {
        let exercises = library.exercises(name)?;
        if exercises.is_empty() {
            continue;
        }
        let title = escape(&library.lab(name)?.title);
        let _ = write!(text, "### {title}\n\n{}\n\n", table(&exercises));
    }
    if text.is_empty() {
        return Err("no lab has an exercise: Lab::exercise".into());
    }
    let summary = library.root.join("book/src/SUMMARY.md");
    let summary = std::fs::read_to_string(summary).unwrap_or_default();
    if summary.contains(&format!("({GRADING}.md)")) {
        let _ = write!(
            text,
            "## For teachers\n\nHand out, collect, mark: \
             <a href=\"{GRADING}.html\">Grading</a>.\n"
        );
    }
    Ok(text)
}

fn table(exercises: &[Exercise]) -> String {
    if exercises.is_empty() {
        return "<p>This chapter has no exercise yet.</p>".into();
    }
    let mut rows = String::new();
    for (n, exercise) in exercises.iter().enumerate() {
        let _ = writeln!(
            rows,
            "<tr><td>{}</td><td><a href=\"{}\">{}</a> \
             <span class=\"exercise-name\">{}</span></td><td>{}</td>\
             <td class=\"number\">{}</td></tr>",
            n + 1,
            escape(&exercise.page()),
            escape(&exercise.task.title),
            code(&exercise.name()),
            exercise.kind(),
            exercise.task.points(),
        );
    }
    format!(
        "<div class=\"exercises table-wrapper\">\n<table>\n<thead><tr>\
         <th scope=\"col\"><span class=\"sr-only\">Number, from easy to hard\
         </span></th><th scope=\"col\">Exercise</th><th scope=\"col\">Kind\
         </th><th scope=\"col\" class=\"number\">Points</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n</div>"
    )
}

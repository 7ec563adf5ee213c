//! `exercise list`: what there is to do, and how far one is.

use std::fmt::Write;

use anyhow::Result;
use serde_json::json;

use crate::discover::Project;
use crate::exercise::{Progress, all};
use crate::report::{self, DIM, GOOD, VERSION, WARN, painted, say};

pub(super) fn list(
    project: &Project,
    chapter: Option<&str>,
    as_json: bool,
) -> Result<u8> {
    let exercises = all(project, chapter)?;
    let progress = Progress::open(project)?;
    report::progress_done();
    let width = exercises.iter().map(|f| f.name().len()).max().unwrap_or(0);
    let mut text = String::new();
    for found in &exercises {
        let (name, task) = (found.name(), &found.task);
        let state = progress.of(&name);
        if as_json {
            let json = json!({
                "version": VERSION, "exercise": name, "title": task.title,
                "kind": task.kind.name(),
                "points": task.points(), "best": state.best,
                "passed": state.passed,
            });
            let _ = writeln!(text, "{json}");
            continue;
        }
        let begun = found.answer(project).is_file();
        let how_far = match (state.passed, begun) {
            (true, _) => painted(GOOD, "passed "),
            (false, true) => painted(WARN, "started"),
            (false, false) => "       ".into(),
        };
        let (best, all) = (state.best, task.points());
        let kind = painted(DIM, &format!("{:8}", task.kind.name()));
        let _ = writeln!(
            text,
            "{how_far}  {name:width$}  {best:>2} of {all:>2}  {kind}  {}",
            task.title
        );
    }
    if exercises.is_empty() && !as_json {
        text += "there is no exercise here yet\n";
    }
    say(&text);
    Ok(0)
}

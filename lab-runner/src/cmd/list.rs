//! `lab-runner list`: chapters, experiments, questions, perturbations.

use std::fmt::Write;

use anyhow::Result;
use serde_json::json;

use crate::discover::{Lab, Project};
use crate::report::{self, BOLD, DIM, VERSION, painted, say};

/// Lists what there is.
pub(crate) fn list(
    project: &Project,
    chapter: Option<&str>,
    as_json: bool,
) -> Result<u8> {
    let labs = project.labs(chapter)?;
    report::progress_done();
    if as_json {
        let labs: Vec<_> = labs.iter().map(|lab| &lab.described).collect();
        say(&format!("{}\n", json!({"version": VERSION, "labs": labs})));
        return Ok(0);
    }
    let text: Vec<String> = labs.iter().map(lab_text).collect();
    say(&text.join("\n"));
    Ok(0)
}

fn lab_text(lab: &Lab) -> String {
    let all = &lab.described.experiments;
    let width = all.iter().map(|p| p.name.len()).max().unwrap_or(0);
    let title = format!("{}  {}", lab.described.name, lab.described.title);
    let mut text = format!("{}\n", painted(BOLD, &title));
    for plan in all {
        let _ = writeln!(text, "  {:width$}  {}", plan.name, plan.question);
        for what_if in &plan.perturbations {
            let line = format!("  {:width$}  --what-if {}", "", what_if.name);
            let _ = writeln!(text, "{}", painted(DIM, &line));
        }
    }
    text
}

//! `lab-runner recheck`: committed captures and notes -> traces -> verdicts,
//! without privileges.

use std::fs::File;

use anyhow::{Context, Result, bail};
use lab_kit::{Plan, protocol};
use serde_json::json;

use crate::check::Verdict;
use crate::discover::{Lab, Project};
use crate::report::{self, Detail, VERSION, say};
use crate::run::{Run, Turned, judge};
use crate::stage::Notes;

/// Judges what was accepted again.
pub(crate) fn recheck(
    project: &Project,
    chapter: Option<&str>,
    as_json: bool,
) -> Result<u8> {
    let labs = project.labs(chapter)?;
    let mut worst = 0;
    for lab in &labs {
        for plan in lab.experiments(None)? {
            let run = again(lab, plan, &plan.name)?;
            report::progress_done();
            let name = format!("{}/{}", lab.described.name, plan.name);
            let verdict = run.verdict.name();
            match as_json {
                true => say(&format!("{}\n", as_object(&name, &run))),
                false => say(&format!("{verdict:16}  {name}\n")),
            }
            if run.verdict != Verdict::Pass {
                worst = 1;
                if !as_json {
                    let detail = Detail { verbose: true, columns: 80 };
                    say(&report::report(lab, &run, detail));
                }
            }
        }
    }
    Ok(worst)
}

fn as_object(name: &str, run: &Run) -> serde_json::Value {
    json!({
        "version": VERSION, "name": name, "verdict": run.verdict.name(),
        "evidence": run.evidence, "figures": run.figures, "taps": taps(run),
    })
}

/// Whose interface each capture is of, who is at the other end, and its file.
fn taps(run: &Run) -> Vec<serde_json::Value> {
    let taps = run.notes.taps.iter().enumerate();
    taps.map(|(n, tap)| {
        let link = run.plan.links.get(tap.link);
        let peer = link
            .and_then(|link| link.ends.iter().find(|end| **end != tap.host));
        let file = format!("{}.{}", run.plan.name, run.notes.ending(n));
        json!({"host": tap.host, "peer": peer, "file": file})
    })
    .collect()
}

/// One accepted trace, decoded and judged anew.
pub(super) fn again(lab: &Lab, plan: &Plan, name: &str) -> Result<Run> {
    let path = lab.kept(name, "notes.json");
    let text = std::fs::read(&path).with_context(|| {
        format!(
            "read {}: was {name} accepted with `lab-runner accept`?",
            path.display()
        )
    })?;
    let notes: Notes = serde_json::from_slice(&text).with_context(|| {
        format!("{} holds no notes of ours", path.display())
    })?;
    if notes.format > protocol::FORMAT {
        bail!(
            "{} has format {}, newer than mine",
            path.display(),
            notes.format
        );
    }
    let mut files = Vec::new();
    for n in 0..notes.taps.len() {
        let path = lab.kept(name, &notes.ending(n));
        let file = File::open(&path)
            .with_context(|| format!("open {}", path.display()))?;
        files.push(file);
    }
    judge(
        lab,
        plan,
        &Turned { strict: true, ..Turned::default() },
        notes,
        &files,
    )
    .with_context(|| format!("judge {name} again"))
}

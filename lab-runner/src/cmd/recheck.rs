//! `lab-runner recheck`: committed captures and notes -> traces -> verdicts,
//! without privileges.

use anyhow::Result;
use lab_kit::Plan;
use serde_json::json;

use crate::check::{Verdict, given, kept_on};
use crate::discover::{Lab, Project};
use crate::kept;
use crate::report::{self, Detail, VERSION, say};
use crate::run::{Run, Turned};

/// Judges what was accepted again.
pub(crate) fn recheck(
    project: &Project,
    chapter: Option<&str>,
    as_json: bool,
) -> Result<u8> {
    let labs = project.labs(chapter)?;
    let as_it_is = Turned { strict: true, ..Turned::default() };
    let mut worst = 0;
    for lab in &labs {
        for (plan, name) in all_kept(lab)? {
            let run = kept::judged(lab, plan, &name, &as_it_is)?;
            report::progress_done();
            let kept = name;
            let name = format!("{}/{kept}", lab.described.name);
            let verdict = run.verdict.name();
            match as_json {
                true => say(&format!("{}\n", as_object(&name, &kept, &run))),
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

/// Each experiment's own trace, and those of other kernels.
fn all_kept(lab: &Lab) -> Result<Vec<(&Plan, String)>> {
    let plans = lab.accepted(None)?;
    let names = |plan: &Plan| {
        let others = kept_on(lab, &plan.name).into_iter().map(|k| k.name);
        std::iter::once(plan.name.clone()).chain(others).collect::<Vec<_>>()
    };
    let each = |plan| names(plan).into_iter().map(move |name| (plan, name));
    Ok(plans.into_iter().flat_map(each).collect())
}

fn as_object(name: &str, kept: &str, run: &Run) -> serde_json::Value {
    json!({
        "version": VERSION, "name": name, "verdict": run.verdict.name(),
        "evidence": run.evidence, "figures": run.figures, "taps": taps(kept, run),
        "ladder": given(run),
    })
}

/// Whose interface each capture is of, who is at the other end, and its file.
fn taps(kept: &str, run: &Run) -> Vec<serde_json::Value> {
    let taps = run.notes.seen.taps.iter().enumerate();
    taps.map(|(n, tap)| {
        let link = run.plan.links.get(tap.link);
        let peer = link
            .and_then(|link| link.ends.iter().find(|end| **end != tap.host));
        let file = format!("{kept}.{}", run.notes.seen.ending(n));
        json!({"host": tap.host, "peer": peer, "file": file})
    })
    .collect()
}

//! Committed captures and notes -> a judged run.

use std::fs::File;

use anyhow::{Context, Result, bail};
use lab_kit::{Plan, protocol};

use crate::discover::Lab;
use crate::run::{Run, Turned, judge};
use crate::stage::Notes;

/// One accepted trace, decoded and judged anew; `name` may be a variant's.
pub(crate) fn judged(
    lab: &Lab,
    plan: &Plan,
    name: &str,
    turned: &Turned,
) -> Result<Run> {
    let mut notes = notes(lab, name)?;
    if turned.said.is_some() {
        // The capture was accepted: how busy the machine was then excuses
        // nobody who is wrong about it now.
        (notes.stall_ns, notes.waited_ns) = (0, 0);
    }
    let mut files = Vec::new();
    for n in 0..notes.seen.taps.len() {
        let path = lab.kept(name, &notes.seen.ending(n));
        let file = File::open(&path)
            .with_context(|| format!("open {}", path.display()))?;
        files.push(file);
    }
    judge(lab, plan, turned, notes, &files)
        .with_context(|| format!("judge {name} again"))
}

fn notes(lab: &Lab, name: &str) -> Result<Notes> {
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
    if notes.seen.format > protocol::FORMAT {
        bail!(
            "{} has format {}, newer than mine",
            path.display(),
            notes.seen.format
        );
    }
    Ok(notes)
}

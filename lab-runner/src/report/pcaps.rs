//! Run -> `<lab>-<experiment>.pcapng` in a folder of the reader's, one
//! interface per tap, marks and observations as packet comments.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::check::write_whole;
use crate::discover::Lab;
use crate::run::Run;
use lab_trace::write_pcapng;

/// Writes the run's packets and says where.
pub(crate) fn save_pcaps(lab: &Lab, run: &Run, dir: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(dir)
        .with_context(|| format!("make {}", dir.display()))?;
    let what_if = run.turned.what_if.as_ref();
    let suffix = what_if.map_or(String::new(), |w| format!("-{}", w.name));
    let name =
        format!("{}-{}{suffix}.pcapng", lab.described.name, run.plan.name);
    let path = dir.join(name);
    let taps: Vec<_> = run
        .notes
        .seen
        .taps
        .iter()
        .zip(&run.frames)
        .map(|(tap, frames)| (tap.host.clone(), frames.clone()))
        .collect();
    let mut comments: Vec<(i64, String)> = Vec::new();
    for mark in &run.notes.seen.marks {
        let text = format!("{} marks {:?}", mark.role, mark.name);
        comments.push((run.notes.seen.start.saturating_add(mark.at), text));
    }
    for seen in &run.notes.seen.observations {
        let text = format!("{}: {} -> {}", seen.host, seen.key, seen.value);
        comments.push((run.notes.seen.start.saturating_add(seen.at), text));
    }
    comments.sort();
    let mut bytes = Vec::new();
    write_pcapng(&mut bytes, &taps, &comments)?;
    write_whole(&path, &bytes)?;
    Ok(path)
}

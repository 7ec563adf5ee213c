//! A stranger's program -> the same in a box, where nothing but the wire leads
//! out.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab_box::{Cgroup, Limits};
use lab_kit::{Plan, patient};

use crate::stage::{Boxed, Program};

/// Where its files are, inside.
const FOLDER: &str = "/answer";
/// After its run is over: the director ends it long before.
const GRACE: Duration = Duration::from_secs(10);

/// A program and its arguments; files among them are all that it sees of ours.
pub(crate) fn boxed(
    command: &[PathBuf],
    plan: &Plan,
    cgroup: Cgroup,
) -> Result<Program> {
    let (first, rest) = command.split_first().context("no program")?;
    let mut shares = Vec::new();
    let mut inside = vec![found(first)?];
    inside.extend(rest.iter().cloned());
    for path in &mut inside {
        if path.is_file() && !is_the_machines(path) {
            let outside = path.canonicalize().with_context(|| {
                format!("find {} for the box", path.display())
            })?;
            let name = outside.file_name().context("a file's name")?;
            *path = Path::new(FOLDER).join(name);
            shares.push((outside, path.clone()));
        }
    }
    let limits = Limits {
        wall: patient(Duration::from_millis(plan.within_ms)) + GRACE,
        ..Limits::default()
    };
    let boxed = Some(Boxed { shares, limits, cgroup });
    Ok(Program { command: inside, boxed })
}

/// The box has the machine's /usr, and PATH is not its business.
fn found(program: &Path) -> Result<PathBuf> {
    if program.components().count() > 1 {
        return Ok(program.into());
    }
    let folders = ["/usr/local/bin", "/usr/bin", "/bin"];
    let mut paths = folders.iter().map(|at| Path::new(at).join(program));
    match paths.find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => {
            bail!("{} is in none of {}", program.display(), folders.join(", "))
        }
    }
}

fn is_the_machines(path: &Path) -> bool {
    ["/usr", "/bin", "/lib"].iter().any(|folder| path.starts_with(folder))
}

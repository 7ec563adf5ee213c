//! The project -> what students get: a folder with everything that learning
//! takes, and nothing that gives an exercise away; whole or not at all.

mod files;
mod mark;
mod part;
mod secrets;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result, bail};

use crate::exercise::Found;
use files::Wanted;
pub(crate) use mark::{Mark, mark};
use part::Part;

/// What a handout came to.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) files: usize,
    pub(crate) bytes: u64,
}

/// Makes a handout of these exercises in a folder that is new, or empty.
pub(crate) fn make(
    root: &Path,
    exercises: &[Found],
    out: &Path,
) -> Result<Made> {
    let mark = Mark::of(exercises);
    let part = Part::begin(out)?;
    part.write(mark::FILE, mark.text()?.as_bytes(), 0o644, None)?;
    let wanted = Wanted::of(root, exercises);
    let secrets = secrets::all(root);
    let mut made = Made::default();
    for path in files::list(root)? {
        if !wanted.takes(&path) {
            continue;
        }
        let from = root.join(&path);
        let tried = || format!("read {}", from.display());
        let bytes = fs::read(&from).with_context(tried)?;
        let found = secrets.iter().find(|secret| secret.is_in(&bytes));
        if let Some(secret) = found {
            bail!(
                "{} holds {}: take it out, or students will find it",
                path.display(),
                secret.name
            );
        }
        let meta = fs::metadata(&from).with_context(tried)?;
        let runs = meta.permissions().mode() & 0o100 != 0;
        let mode = if runs { 0o755 } else { 0o644 };
        part.write(&path, &bytes, mode, meta.modified().ok())?;
        made.files += 1;
        made.bytes += bytes.len() as u64;
    }
    part.name()?;
    Ok(made)
}

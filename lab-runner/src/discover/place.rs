//! The environment, the current folder, this program -> where the project is,
//! where its programs are, and where one may write.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::unistd::{AccessFlags, access};

/// Names the folder of what one makes, where the project may not be written.
const WORK: &str = "LAB_WORK";
/// Its name below one's home, without that.
const OWN: &str = "socket-lab";
/// In a project that was installed for everybody: not even root writes there.
const INSTALLED: &str = "installed";

/// `LAB_ROOT`, the nearest folder above with labs in it, or the folder that
/// this program was installed in.
pub(super) fn root() -> Result<PathBuf> {
    if let Some(root) = set("LAB_ROOT") {
        let root = PathBuf::from(root);
        if !root.join("labs").is_dir() {
            bail!("LAB_ROOT={} has no labs", root.display());
        }
        return Ok(root);
    }
    let here = std::env::current_dir().context("the current folder")?;
    let above = here.ancestors().find(|dir| is_project(dir));
    match above.map(PathBuf::from).or_else(around_this_program) {
        Some(root) => Ok(root),
        None => bail!(
            "no labs in {} or above it, nor around this program: run me \
             inside the project, or name it by LAB_ROOT",
            here.display()
        ),
    }
}

/// `<root>/bin/lab-runner`: the folder above its own.
fn around_this_program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let root = own.parent()?.parent()?;
    is_project(root).then(|| root.into())
}

fn is_project(dir: &Path) -> bool {
    dir.join("labs").is_dir() && dir.join("Cargo.toml").is_file()
}

/// Where answers and all that is built go: the project itself, if one may
/// write there.
pub(super) fn work(root: &Path) -> PathBuf {
    let named = set(WORK).map(PathBuf::from);
    let own = || set("HOME").map(|home| PathBuf::from(home).join(OWN));
    let elsewhere = match may_write(root) {
        true => named,
        false => named.or_else(own),
    };
    let work = elsewhere.unwrap_or(root.into());
    std::path::absolute(&work).unwrap_or(work)
}

/// Whether what belongs to the project may be changed.
pub(super) fn may_write(root: &Path) -> bool {
    !root.join(INSTALLED).exists() && access(root, AccessFlags::W_OK).is_ok()
}

/// What the environment says; a variable that is set to nothing says nothing.
fn set(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_writes_where_it_was_installed() {
        let dir = tempfile::tempdir().unwrap();
        assert!(may_write(dir.path()));
        std::fs::write(dir.path().join(INSTALLED), "").unwrap();
        assert!(!may_write(dir.path()));
        assert!(!may_write(&dir.path().join("nowhere")));
    }
}

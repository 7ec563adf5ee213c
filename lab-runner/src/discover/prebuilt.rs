//! Packages -> their programs, where labs are not built: a folder of programs
//! that were built elsewhere, each named as its package.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Result, bail};

/// Names that folder; set to nothing, it says that cargo is to build.
const PROGRAMS: &str = "LAB_PROGRAMS";

/// The folder, if labs are not to be built here: what the environment says, or
/// `programs` of a project that was installed.
pub(crate) fn folder(root: &Path) -> Option<PathBuf> {
    match std::env::var_os(PROGRAMS) {
        Some(named) if named.is_empty() => None,
        Some(named) => Some(named.into()),
        None => Some(root.join("programs")).filter(|dir| dir.is_dir()),
    }
}

/// Packages -> their programs in this folder.
pub(super) fn find(folder: &Path, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let programs = packages.iter().map(|package| folder.join(package));
    let programs: Vec<PathBuf> = programs.collect();
    if let Some(lacking) = programs.iter().find(|path| !path.is_file()) {
        bail!(
            "{} has no {}: with {PROGRAMS}= (nothing) cargo builds the labs",
            folder.display(),
            lacking.file_name().unwrap_or_default().display()
        );
    }
    Ok(programs)
}

/// A source of the lab that was changed after its program was built.
pub(super) fn newer_source(lab: &Path, program: &Path) -> Option<PathBuf> {
    let built = modified(program)?;
    let sources = fs::read_dir(lab.join("src")).ok()?.flatten();
    let mut sources = sources.map(|entry| entry.path());
    sources.find(|path| modified(path).is_some_and(|it| it > built))
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok()?.modified().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_that_was_not_built_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ch05-x"), "").unwrap();
        let found = find(folder.path(), &["ch05-x"]).unwrap();
        assert_eq!(found, [folder.path().join("ch05-x")]);
        let error = find(folder.path(), &["ch05-x", "ch06-y"]).unwrap_err();
        assert!(error.to_string().contains("has no ch06-y"), "{error}");
    }

    #[test]
    fn a_source_that_was_changed_since_is_named() {
        let lab = tempfile::tempdir().unwrap();
        let (program, source) =
            (lab.path().join("program"), lab.path().join("src/main.rs"));
        fs::create_dir(lab.path().join("src")).unwrap();
        fs::write(&source, "").unwrap();
        let file = fs::File::create(&program).unwrap();
        let built = modified(&source).unwrap();
        file.set_modified(built).unwrap();
        assert_eq!(newer_source(lab.path(), &program), None);
        let before = built - std::time::Duration::from_secs(1);
        file.set_modified(before).unwrap();
        assert_eq!(newer_source(lab.path(), &program), Some(source));
    }
}

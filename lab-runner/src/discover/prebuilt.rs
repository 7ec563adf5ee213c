//! Packages -> their programs, where there is no cargo: a folder of programs
//! that were built elsewhere, each named as its package.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

/// Names that folder.
const PROGRAMS: &str = "LAB_PROGRAMS";

/// The folder, if labs are not to be built here.
pub(super) fn folder() -> Option<PathBuf> {
    std::env::var_os(PROGRAMS).map(PathBuf::from)
}

/// Packages -> their programs in this folder.
pub(super) fn find(folder: &Path, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let programs = packages.iter().map(|package| folder.join(package));
    let programs: Vec<PathBuf> = programs.collect();
    if let Some(lacking) = programs.iter().find(|path| !path.is_file()) {
        bail!(
            "{PROGRAMS}={} has no {}: unset it, and cargo builds the labs",
            folder.display(),
            lacking.file_name().unwrap_or_default().display()
        );
    }
    Ok(programs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lab_that_was_not_built_is_named() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ch05-x"), "").unwrap();
        let found = find(folder.path(), &["ch05-x"]).unwrap();
        assert_eq!(found, [folder.path().join("ch05-x")]);
        let error = find(folder.path(), &["ch05-x", "ch06-y"]).unwrap_err();
        assert!(error.to_string().contains("has no ch06-y"), "{error}");
    }
}

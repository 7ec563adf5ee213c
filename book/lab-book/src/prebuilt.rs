//! A workspace -> what of it was built elsewhere, and came with it: the labs'
//! programs and the book.

use std::collections::BTreeMap;
use std::env::var_os;
use std::path::{Path, PathBuf};

use crate::labs::Folder;

/// The folder of labs that are not built here, where lab-runner looks, too.
pub(crate) fn programs(root: &Path) -> Option<PathBuf> {
    match var_os("LAB_PROGRAMS") {
        Some(named) if named.is_empty() => None,
        Some(named) => Some(named.into()),
        None => Some(root.join("programs")).filter(|dir| dir.is_dir()),
    }
}

/// Packages -> their programs in this folder; one that is not there is missing.
pub(crate) fn found(
    folder: &Path,
    labs: &[Folder],
) -> BTreeMap<String, PathBuf> {
    let all = labs.iter().map(|lab| &lab.package);
    let all = all.map(|package| (package.clone(), folder.join(package)));
    all.filter(|(_, program)| program.is_file()).collect()
}

/// The book, if one came with the workspace.
pub(crate) fn site(root: &Path) -> Option<PathBuf> {
    let site = root.join("site");
    site.join("index.html").is_file().then_some(site)
}

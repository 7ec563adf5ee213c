//! The workspace -> what can be run there, and by which runner.

use std::path::{Path, PathBuf};

use super::api::Shop;
use super::catalogue::Catalogue;
use super::process::Runner;
use super::scrub::Scrub;
use crate::describe;
use crate::labs::folders;

/// Names the runner; `lab-runner book` sets it.
const RUNNER: &str = "LAB_RUNNER";

/// Builds the labs beforehand: no page that presses Run waits for a compiler.
pub(super) fn open(root: &Path) -> Shop {
    let program = runner()?;
    let folders = folders(root);
    let built = describe::build(root, &folders)?;
    let known = folders.iter().filter_map(|lab| built.get(&lab.package));
    let described = known.clone().filter_map(|it| describe::describe(it).ok());
    let catalogue = Catalogue::of(described.collect());
    // The runner looks for each under its package's name.
    let mut places = known.map(|program| program.parent());
    let first = places.next().flatten();
    let whole = built.len() >= folders.len();
    let together = whole && places.all(|place| place == first);
    let programs = first.filter(|_| together).map(PathBuf::from);
    let scrub = Scrub::new(root, programs.as_deref());
    let root = root.to_path_buf();
    Ok((catalogue, Runner { program, root, programs, scrub }))
}

/// As the environment says, or beside this program.
pub(crate) fn runner() -> Result<PathBuf, String> {
    let beside = || {
        let own = std::env::current_exe().ok()?;
        Some(own.parent()?.join("lab-runner"))
    };
    let named = std::env::var_os(RUNNER).map(PathBuf::from);
    let found = named.or_else(beside).filter(|program| program.is_file());
    found.ok_or_else(|| {
        "This server was started without lab-runner, so it runs nothing: \
         start it by ./run book serve, or lab-runner book serve."
            .into()
    })
}

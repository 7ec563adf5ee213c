//! What `./run bench --keep` wrote -> results, a file for each kind of machine.

use std::path::{Path, PathBuf};

use lab_bench::results::Results;
use lab_bench::table::why_file;

/// Where it is written, below the workspace.
const FOLDER: &str = "benches/results";

/// What is committed in a workspace.
pub(crate) fn read(root: &Path) -> Result<Vec<Results>, String> {
    let hint = "`./run bench --keep` makes it";
    let files = std::fs::read_dir(root.join(FOLDER))
        .map_err(|e| format!("{FOLDER}: {e}; {hint}"))?;
    let mut paths: Vec<_> = files.flatten().map(|file| file.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|it| it == "json"));
    paths.sort();
    if paths.is_empty() {
        return Err(format!("{FOLDER} is empty; {hint}"));
    }
    let read =
        |path: &PathBuf| Results::read(path).map_err(|e| format!("{e:#}"));
    paths.iter().map(read).collect()
}

/// What is told about where a line's time goes, if anything is.
pub(crate) fn why(root: &Path, line: &str) -> Option<String> {
    let text = std::fs::read_to_string(root.join(why_file(line))).ok()?;
    Some(text.trim().to_string()).filter(|text| !text.is_empty())
}

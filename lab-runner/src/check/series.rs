//! An experiment's accepted traces -> those of other series of kernels:
//! `flow-control@6.1.snap` beside `flow-control.snap`.

use std::fs;

use lab_kit::series;

use crate::discover::Lab;
use crate::kernel::version;

/// A trace that was accepted on another series than the experiment's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptOn {
    /// `flow-control@6.1`.
    pub(crate) name: String,
    /// `(6, 1)`.
    pub(crate) series: (u32, u32),
}

/// Those of an experiment, the oldest series first.
pub(crate) fn kept_on(lab: &Lab, experiment: &str) -> Vec<KeptOn> {
    let mut all: Vec<KeptOn> = stems(lab)
        .into_iter()
        .filter_map(|name| {
            let (of, on) = name.split_once('@')?;
            let series = series(on).filter(|_| of == experiment)?;
            Some(KeptOn { name, series })
        })
        .collect();
    all.sort_by_key(|kept| kept.series);
    all
}

/// What a trace is called that is accepted on this kernel.
pub(crate) fn name_on(experiment: &str, kernel: &str) -> String {
    let (major, minor) = version(kernel);
    format!("{experiment}@{major}.{minor}")
}

/// The names of all snapshots of a lab, without `.snap`.
pub(crate) fn stems(lab: &Lab) -> Vec<String> {
    let folder = lab.dir.join("snapshots");
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = files.filter_map(|file| file.file_name().into_string().ok());
    let mut stems: Vec<String> = names
        .filter_map(|name| name.strip_suffix(".snap").map(String::from))
        .collect();
    stems.sort();
    stems
}

/// All files that are kept under this name.
pub(crate) fn files(lab: &Lab, name: &str) -> Vec<std::path::PathBuf> {
    let start = format!("{name}.");
    let ours = |path: &std::path::PathBuf| {
        let file = path.file_name().and_then(|file| file.to_str());
        file.and_then(|file| file.strip_prefix(&start)).is_some_and(|ending| {
            // `x@6.1.snap` is of x@6.1, and none of `x@6`'s.
            !ending.starts_with(|c: char| c.is_ascii_digit())
        })
    };
    let folder = lab.dir.join("snapshots");
    let all = fs::read_dir(folder).into_iter().flatten().flatten();
    all.map(|file| file.path()).filter(ours).collect()
}

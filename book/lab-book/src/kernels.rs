//! What `./run kernels` wrote -> what each experiment came to on each kernel.

use std::path::Path;

use serde::Deserialize;
use serde::de::DeserializeOwned;

/// Where it is written, below the workspace.
const FOLDER: &str = "classroom/kernels";

/// A run of everything on one kernel.
#[derive(Debug, Deserialize)]
pub(crate) struct Series {
    /// `6.1`.
    pub(crate) series: String,
    /// `6.1.0-56-amd64`.
    pub(crate) release: String,
    /// `2026-11-22`.
    pub(crate) date: String,
    /// `emulated on 2 cores`.
    pub(crate) machine: String,
    /// How long all of it took there.
    pub(crate) seconds: u64,
    pub(crate) experiments: Vec<Outcome>,
}

/// What one experiment came to on it.
#[derive(Debug, Deserialize)]
pub(crate) struct Outcome {
    pub(crate) lab: String,
    pub(crate) experiment: String,
    pub(crate) verdict: String,
    #[serde(default)]
    pub(crate) why: Vec<String>,
    #[serde(default)]
    pub(crate) claims: Vec<Broken>,
    /// What its guard asks for, if it was skipped.
    pub(crate) needs: Option<Needs>,
    /// Why its trace is other than the book's, by whoever accepted it.
    pub(crate) reason: Option<String>,
    pub(crate) diff: Option<String>,
}

/// The kernel that brought what an experiment is about.
#[derive(Debug, Deserialize)]
pub(crate) struct Needs {
    /// `6.3`.
    pub(crate) kernel: String,
    pub(crate) commit: String,
    pub(crate) what: String,
}

/// A claim that does not hold there.
#[derive(Debug, Deserialize)]
pub(crate) struct Broken {
    pub(crate) claim: String,
    pub(crate) wanted: String,
    pub(crate) saw: String,
}

/// All of it.
#[derive(Debug)]
pub(crate) struct Kernels {
    /// The oldest first.
    pub(crate) series: Vec<Series>,
}

impl Kernels {
    /// What is committed in a workspace.
    pub(crate) fn read(root: &Path) -> Result<Kernels, String> {
        let folder = format!("{FOLDER}/results");
        let files = std::fs::read_dir(root.join(&folder))
            .map_err(|e| format!("{folder}: {e}; `./run kernels` makes it"))?;
        let names =
            files.flatten().filter_map(|f| f.file_name().into_string().ok());
        let mut series = names
            .filter(|name| name.ends_with(".json"))
            .map(|name| from_json(root, &format!("{folder}/{name}")))
            .collect::<Result<Vec<Series>, _>>()?;
        if series.is_empty() {
            return Err(format!("{folder} is empty; `./run kernels` fills it"));
        }
        series.sort_by_key(|s| version(&s.series));
        Ok(Kernels { series })
    }
}

impl Outcome {
    /// It is as the book says.
    pub(crate) fn passes(&self) -> bool {
        self.verdict == "pass"
    }
}

fn from_json<T: DeserializeOwned>(
    root: &Path,
    path: &str,
) -> Result<T, String> {
    let text = std::fs::read(root.join(path))
        .map_err(|e| format!("{path}: {e}; `./run kernels` makes it"))?;
    serde_json::from_slice(&text)
        .map_err(|e| format!("{path} is none of `./run kernels`: {e}"))
}

/// 6.12 is newer than 6.1, and 6.2.
fn version(series: &str) -> Vec<u32> {
    series.split('.').map(|n| n.parse().unwrap_or(0)).collect()
}

//! How a program ended, what it said, and what it was held by.

use std::fs::File;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::spec::Layer;

/// What is left of a program that ran in the box.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outcome {
    /// Why it stopped. Not a verdict: a program can exit as it likes.
    pub end: End,
    /// As much as `Limits::output_bytes` of it. Untrusted.
    pub stdout: Vec<u8>,
    /// The same.
    pub stderr: Vec<u8>,
    /// Bytes that it wrote beyond the limit.
    pub dropped: u64,
    /// One for each of `BoxSpec::collect`.
    #[serde(skip)]
    pub collected: Vec<Collected>,
    /// Every layer, and whether it was on.
    pub layers: Vec<LayerState>,
    /// The most memory that the box used, if there was a cgroup.
    pub peak_memory: Option<u64>,
    /// From the warden's first instruction to the program's.
    pub setup_ms: f64,
    /// From the program's first instruction to its end.
    pub took_ms: f64,
}

impl Outcome {
    /// Whether a layer was on.
    pub fn has(&self, layer: Layer) -> bool {
        self.layers.iter().any(|state| state.layer == layer && state.active)
    }

    /// The layers that were not, with the reason.
    pub fn lacks(&self) -> impl Iterator<Item = &LayerState> {
        self.layers.iter().filter(|state| !state.active)
    }
}

/// A file that the program left.
#[derive(Clone, Debug)]
pub enum Collected {
    /// A copy in memory that nobody can change, at its beginning. Untrusted.
    File(Arc<File>),
    /// Why there is none.
    Nothing(String),
}

/// Why a program stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// It returned this code.
    Exited(i32),
    /// This signal ended it. SIGXCPU is the limit of CPU time, SIGSYS another
    /// machine's system call.
    Signalled(i32),
    /// It was still running when its time was over.
    WallLimit,
    /// It wrote far more than is kept.
    OutputLimit,
    /// The box as a whole used more memory than it may.
    OutOfMemory,
    /// The caller stopped it.
    Stopped,
}

/// One layer of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerState {
    /// Which.
    pub layer: Layer,
    /// Was it on?
    pub active: bool,
    /// How, or why not.
    pub note: String,
}

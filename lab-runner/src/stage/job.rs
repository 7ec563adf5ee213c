//! What goes into a stage and what comes out, as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lab_box::{Cgroup, LayerState, Limits};
use lab_kit::{Knob, LinkKind, Plan};
use lab_trace::{Seen, Tap};
use serde::{Deserialize, Serialize};

/// One run to make.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) plan: Plan,
    /// The experiment's knobs, then what the reader turned.
    pub(crate) knobs: Vec<Knob>,
    /// Options in force, `host:key`.
    pub(crate) options: BTreeMap<String, String>,
    /// The lab's program.
    pub(crate) lab: PathBuf,
    /// The answer to an exercise.
    pub(crate) answer: Option<Program>,
    /// Bytes of frames that each capture has to hold until they are read.
    pub(crate) room: u64,
}

/// Somebody's program, and what it may.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Program {
    /// The program and its first arguments; paths as they are in its box, if
    /// it is in one.
    pub(crate) command: Vec<PathBuf>,
    /// The box; a learner's own program needs none.
    pub(crate) boxed: Option<Boxed>,
}

/// What a stranger's program is held by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Boxed {
    /// Files that it sees: where they are, and where in the box.
    pub(crate) shares: Vec<(PathBuf, PathBuf)>,
    pub(crate) limits: Limits,
    pub(crate) cgroup: Cgroup,
}

impl From<Vec<PathBuf>> for Program {
    fn from(command: Vec<PathBuf>) -> Program {
        Program { command, boxed: None }
    }
}

/// What a stage sends back; the frames travel beside it.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Outcome {
    Ran(Box<Notes>),
    /// What was tried, what the system answered, what to do.
    Failed(String),
}

/// Everything that a run leaves behind but its frames.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Notes {
    /// What the decoding of frames needs of it.
    #[serde(flatten)]
    pub(crate) seen: Seen,
    /// Answers to an exercise that ran, in the order of their start.
    #[serde(default)]
    pub(crate) answers: Vec<Answered>,
    /// Worst lateness of a 1 ms sleeper, nanoseconds.
    pub(crate) stall_ns: u64,
    /// How long the program of the lab that waited most waited for a CPU,
    /// nanoseconds: all its waits added, since several may delay one packet.
    #[serde(default)]
    pub(crate) waited_ns: u64,
    /// Why the run can't be judged, if it can't.
    pub(crate) inconclusive: Option<String>,
    /// An answer was still at it when its time was over.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) over_time: bool,
    /// An answer flooded the network: no rule holds then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) flood: Option<String>,
    /// Where the time went, in milliseconds.
    pub(crate) phases: Vec<(String, f64)>,
}

/// How somebody's answer ran; shown, never judged.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub(crate) host: String,
    /// `exit 0`, `SIGKILL`; nothing if it was still running at the end.
    pub(crate) how: Option<String>,
    /// The first and last of what it printed.
    pub(crate) printed: String,
    /// The layers of its box, if it was in one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) layers: Vec<LayerState>,
}

/// Room for a run whose accepted trace is small.
pub(crate) const SMALL_ROOM: u64 = 512 << 10;

/// The longest IP packet that a link carries, in bytes.
pub(super) fn mtu_of(kind: LinkKind) -> u32 {
    match kind {
        LinkKind::Loopback => 65_536,
        LinkKind::Cable | LinkKind::Wire => 1_500,
    }
}

/// Where a plan is captured: a cable and a loopback at their left end, a wire
/// at both, since it may change what passes.
pub(crate) fn taps_of(plan: &Plan) -> Vec<Tap> {
    let links = plan.links.iter().enumerate();
    let taps = links.flat_map(|(link, l)| {
        let both = l.kind == LinkKind::Wire;
        let ends = l.ends.iter().take(if both { 2 } else { 1 });
        ends.map(move |host| Tap { link, host: host.clone() })
    });
    taps.collect()
}

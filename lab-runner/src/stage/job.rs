//! What goes into a stage and what comes out, as JSON.

use std::collections::BTreeMap;
use std::path::PathBuf;

use lab_box::{Cgroup, LayerState, Limits};
use lab_kit::{
    Counters, Knob, LinkKind, MarkSeen, Observation, Plan, QuietSeen, Socket,
    Step,
};
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

/// Everything that a run leaves behind but its frames; times are
/// CLOCK_REALTIME nanoseconds, as the frames' stamps are.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Notes {
    /// Version of this file's shape.
    pub(crate) format: u32,
    /// `uname -r` of the kernel that ran it.
    pub(crate) kernel: String,
    pub(crate) hosts: Vec<String>,
    pub(crate) ends: Vec<End>,
    pub(crate) taps: Vec<Tap>,
    pub(crate) start: i64,
    pub(crate) marks: Vec<MarkSeen>,
    pub(crate) observations: Vec<Observation>,
    pub(crate) steps: Vec<Step>,
    pub(crate) quiets: Vec<QuietSeen>,
    pub(crate) counters: BTreeMap<String, Counters>,
    pub(crate) left: BTreeMap<String, Vec<Socket>>,
    pub(crate) options: BTreeMap<String, String>,
    /// Answers to an exercise that ran, in the order of their start.
    #[serde(default)]
    pub(crate) answers: Vec<Answered>,
    /// Worst lateness of a 1 ms sleeper, nanoseconds.
    pub(crate) stall_ns: u64,
    /// The longest that a program of the lab waited for a CPU, all in all,
    /// nanoseconds.
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

impl Notes {
    /// What a tap's kept capture is called after the experiment's name:
    /// `pcap`, `server.pcap` for a wire's other end, `link2.client.pcap` for a
    /// second link.
    pub(crate) fn ending(&self, tap: usize) -> String {
        match self.taps.get(tap) {
            Some(Tap { link: 0, host }) if tap > 0 => format!("{host}.pcap"),
            Some(Tap { link, host }) if *link > 0 => {
                format!("link{}.{host}.pcap", link.saturating_add(1))
            }
            _ => "pcap".into(),
        }
    }
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

/// A host's interface, to tell its packets by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct End {
    pub(crate) host: String,
    pub(crate) mac: [u8; 6],
    pub(crate) address: String,
}

/// A capture point: a host's interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tap {
    pub(crate) link: usize,
    pub(crate) host: String,
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

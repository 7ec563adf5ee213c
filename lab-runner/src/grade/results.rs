//! What grading comes to: `results.json`, from which every export is made.
//!
//! Texts in it are untrusted (names, output, what a packet held): each export
//! writes them as data of its own format.

use serde::{Deserialize, Serialize};

/// Version of this file's shape.
pub(crate) const FORMAT: u32 = 1;

/// A class, or a part of one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Results {
    pub(crate) format: u32,
    /// `lab-runner --version`.
    pub(crate) runner: String,
    /// SHA-256 of the exercises as the labs describe them.
    pub(crate) exercises_digest: String,
    /// SHA-256 of the roster.
    pub(crate) roster_digest: String,
    /// `slice:2/4`; nothing for a whole class.
    pub(crate) partition: Option<String>,
    /// `uname -r` of the kernel that judged.
    pub(crate) kernel: String,
    pub(crate) exercises: Vec<Assigned>,
    /// By their ids.
    pub(crate) students: Vec<Student>,
    /// Folders that belong to nobody in the roster, and why.
    pub(crate) strangers: Vec<Stranger>,
}

/// An exercise that was graded.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Assigned {
    /// `ch05/no-stall`.
    pub(crate) name: String,
    pub(crate) title: String,
    /// `make`, `diagnose`, `predict`.
    pub(crate) kind: String,
    pub(crate) rules: Vec<Worth>,
}

/// A rule and its points.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Worth {
    pub(crate) rule: String,
    pub(crate) points: u32,
}

/// Somebody of the roster, and their marks, one for each exercise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Student {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    pub(crate) marks: Vec<Mark>,
    /// What intake left out of the submission, and why.
    pub(crate) left_out: Vec<LeftOut>,
}

/// A file that was not taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LeftOut {
    pub(crate) path: String,
    /// `symlink`, `fifo`, `too-large`, ...
    pub(crate) what: String,
    pub(crate) why: String,
}

/// A folder that nobody claims.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stranger {
    pub(crate) folder: String,
    pub(crate) why: String,
}

/// One answer to one exercise.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mark {
    pub(crate) exercise: String,
    pub(crate) verdict: Graded,
    pub(crate) cause: Cause,
    /// The cause in a sentence: the first rule that does not hold, what the
    /// compiler says, why the run can't be judged.
    pub(crate) why: String,
    pub(crate) points: u32,
    pub(crate) of: u32,
    /// In the exercise's order; none if nothing was run.
    pub(crate) rules: Vec<Ruled>,
    /// The ladder as text, without colours; empty if nothing was run.
    pub(crate) ladder: String,
    /// What the answer's programs printed, and how they ended.
    pub(crate) programs: Vec<Printed>,
    /// SHA-256 of what was handed in for this exercise.
    pub(crate) digest: String,
    /// The layers of the box, and whether each was on; none if nothing ran.
    pub(crate) layers: Vec<Held>,
    /// Runs that it took, more than one if some were inconclusive.
    pub(crate) runs: u32,
    /// What was recorded of the run that the mark rests on; nothing if there
    /// was none, or the run is the lab's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) evidence: Option<Evidence>,
}

/// What was recorded of a run, from which it can be judged again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Evidence {
    pub(crate) files: Vec<KeptFile>,
    /// Why nothing was kept, if so.
    pub(crate) lacks: Option<String>,
}

/// A file that was kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeptFile {
    /// From the folder of `results.json`.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// `pass`: all rules hold; `partial`: some points; `fail`: none;
/// `inconclusive`: it can't be said, and no mark is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Graded {
    Pass,
    Partial,
    Fail,
    Inconclusive,
}

/// Why a mark is what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Cause {
    /// Every rule holds.
    AllHold,
    /// A rule does not hold.
    Rule,
    /// There is no answer to this exercise.
    NotHandedIn,
    /// What there is can't be an answer: no source, two sources, not text.
    NotAnAnswer,
    /// The compiler refuses it.
    DoesNotCompile,
    /// Frames were lost, so that nothing follows from the capture.
    LostFrames,
    /// The machine stood still.
    SlowMachine,
    /// The lab's own program, or the box, failed.
    CouldNotRun,
}

/// A rule, judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Ruled {
    pub(crate) rule: String,
    pub(crate) points: u32,
    pub(crate) holds: bool,
    pub(crate) wanted: String,
    pub(crate) saw: String,
}

/// A program of the answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Printed {
    pub(crate) host: String,
    /// `exit 0`, `SIGKILL`, `still running`.
    pub(crate) how: String,
    pub(crate) text: String,
}

/// A layer of the box.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Held {
    pub(crate) layer: String,
    pub(crate) on: bool,
    pub(crate) note: String,
}

impl Assigned {
    /// The most there is.
    pub(crate) fn points(&self) -> u32 {
        self.rules.iter().map(|worth| worth.points).sum()
    }
}

impl Student {
    /// Points of all marks; an inconclusive one counts for none yet.
    pub(crate) fn points(&self) -> u32 {
        self.marks.iter().map(|mark| mark.points).sum()
    }

    /// The most there is.
    pub(crate) fn of(&self) -> u32 {
        self.marks.iter().map(|mark| mark.of).sum()
    }

    /// Whether some mark is still open.
    pub(crate) fn is_open(&self) -> bool {
        let mut marks = self.marks.iter();
        marks.any(|mark| mark.verdict == Graded::Inconclusive)
    }
}

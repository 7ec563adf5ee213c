//! One run of one experiment: the pipeline.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::figure::Drawn;
use lab_kit::{Evidence, Filled, Finding, Knob, Perturbation, Plan};

use crate::check::{self, Comparison, Judged, Verdict};
use crate::discover::Lab;
use crate::knobs;
use crate::stage::{
    Job, Notes, Outcome, Program, SMALL_ROOM, Stage, Watch, run_stage,
};
use lab_trace::Frame;

/// What a reader turned.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turned {
    pub(crate) what_if: Option<Perturbation>,
    pub(crate) set: Vec<Knob>,
    pub(crate) strict: bool,
    /// For an exercise: the program that answers.
    pub(crate) answer: Option<Program>,
    /// For an exercise: what somebody says about the run.
    pub(crate) said: Option<BTreeMap<String, Filled>>,
}

impl Turned {
    /// The experiment as its lab says, and nobody's answer.
    fn is_nothing(&self) -> bool {
        self.what_if.is_none() && self.set.is_empty() && !self.is_answered()
    }

    fn is_answered(&self) -> bool {
        self.answer.is_some() || self.said.is_some()
    }
}

/// A run, judged.
pub(crate) struct Run {
    pub(crate) plan: Plan,
    pub(crate) turned: Turned,
    pub(crate) notes: Notes,
    pub(crate) frames: Vec<Vec<Frame>>,
    pub(crate) pcaps: Vec<Vec<u8>>,
    pub(crate) evidence: Evidence,
    pub(crate) findings: Vec<Finding>,
    pub(crate) figures: Vec<Drawn>,
    pub(crate) text: String,
    pub(crate) comparison: Comparison,
    pub(crate) verdict: Verdict,
    /// From the start to the verdict.
    pub(crate) took: Duration,
}

/// Runs an experiment of a lab and judges it.
pub(crate) fn run(lab: &Lab, plan: &Plan, turned: &Turned) -> Result<Run> {
    run_watched(lab, plan, turned, None)
}

/// The same before an audience.
pub(crate) fn run_watched(
    lab: &Lab,
    plan: &Plan,
    turned: &Turned,
    watch: Option<Watch>,
) -> Result<Run> {
    let start = Instant::now();
    let stage = run_stage(&job(lab, plan, turned), watch)?;
    let Stage { outcome, frames: files } = stage;
    let notes = match outcome {
        Outcome::Ran(notes) => *notes,
        Outcome::Failed(why) => bail!(why),
    };
    let mut run = judge(lab, plan, turned, notes, &files)?;
    run.took = start.elapsed();
    Ok(run)
}

fn job(lab: &Lab, plan: &Plan, turned: &Turned) -> Job {
    let what_if = turned.what_if.iter().flat_map(|w| w.knobs.clone());
    let knobs: Vec<Knob> = what_if.chain(turned.set.iter().cloned()).collect();
    Job {
        options: knobs::options(plan, &knobs),
        knobs: plan.knobs.iter().cloned().chain(knobs).collect(),
        plan: plan.clone(),
        lab: lab.program.clone(),
        answer: turned.answer.clone(),
        room: room(lab, plan, turned),
    }
}

/// Twice what the accepted run captured: the kernel makes and clears all of a
/// capture's memory before the run. What somebody turned may flood.
fn room(lab: &Lab, plan: &Plan, turned: &Turned) -> u64 {
    let accepted = std::fs::metadata(lab.kept(&plan.name, "pcap"));
    match accepted {
        Ok(file) if turned.set.is_empty() && !turned.is_answered() => {
            let frames = file.len() / SHORTEST_FRAME;
            (2 * frames * SLOT).clamp(SMALL_ROOM, LARGE_ROOM)
        }
        _ => LARGE_ROOM,
    }
}

/// A TCP segment without options in a pcap: record, Ethernet, IPv4, TCP.
const SHORTEST_FRAME: u64 = 16 + 14 + 20 + 20;
/// What libpcap has the kernel keep free for a frame of 1,600 bytes.
const SLOT: u64 = 1_760;
const LARGE_ROOM: u64 = 8 << 20;

/// As many of its frames as a reader wants to see.
pub(crate) const OF_A_FLOOD: usize = 100;

/// Frames and notes, fresh or committed -> a judged run.
pub(crate) fn judge(
    lab: &Lab,
    plan: &Plan,
    turned: &Turned,
    notes: Notes,
    files: &[File],
) -> Result<Run> {
    let path = |file: &File| {
        PathBuf::from(format!("/proc/self/fd/{}", file.as_raw_fd()))
    };
    let mut frames = files
        .iter()
        .map(|file| lab_trace::read(&path(file)))
        .collect::<Result<Vec<_>>>()?;
    if notes.flood.is_some() {
        frames.iter_mut().for_each(|frames| frames.truncate(OF_A_FLOOD));
    }
    let pcaps = files.iter().map(bytes).collect::<Result<Vec<_>>>()?;
    let mut evidence =
        lab_trace::evidence(&notes.seen, &frames, plan.keeps_bytes)?;
    evidence.said = turned.said.clone().unwrap_or_default();
    let judgement = match &notes.flood {
        Some(why) => check::flooded(plan, why),
        None => check::judge(&lab.asked, plan, &evidence)?,
    };
    let findings = judgement.findings;
    let text = check::snapshot_text(plan, &evidence, &findings);
    let as_it_stands = turned.is_nothing();
    let comparison = match as_it_stands {
        true => check::compare(lab, plan, &text, &notes.seen.kernel)?,
        false => Comparison::Other,
    };
    let judged = Judged {
        plan,
        findings: &findings,
        comparison: &comparison,
        incomplete: notes.inconclusive.as_deref(),
        stall_ns: notes.stall_ns,
        waited_ns: notes.waited_ns,
        over_time: notes.over_time,
        strict: turned.strict,
    };
    let verdict = match &turned.what_if {
        Some(what_if) if turned.set.is_empty() => judged.perturbed(what_if),
        _ if notes.flood.is_some() => judged.flooded(),
        _ if turned.is_answered() => judged.answered(),
        _ if as_it_stands && plan.asks => judged.unasked(),
        _ if as_it_stands => judged.verdict(),
        _ => judged.tried(),
    };
    Ok(Run {
        plan: plan.clone(),
        turned: turned.clone(),
        notes,
        frames,
        pcaps,
        evidence,
        findings,
        figures: judgement.figures,
        text,
        comparison,
        verdict,
        took: Duration::ZERO,
    })
}

#[cfg(any(test, feature = "fuzzing"))]
impl Run {
    /// A judged run that nobody made.
    pub(crate) fn made_of(
        plan: &Plan,
        evidence: &Evidence,
        judgement: lab_kit::protocol::Judgement,
        notes: Notes,
    ) -> Run {
        let findings = judgement.findings;
        Run {
            plan: plan.clone(),
            turned: Turned::default(),
            notes,
            frames: Vec::new(),
            pcaps: Vec::new(),
            evidence: evidence.clone(),
            text: check::snapshot_text(plan, evidence, &findings),
            findings,
            figures: judgement.figures,
            comparison: Comparison::New { path: PathBuf::new() },
            verdict: Verdict::New,
            took: Duration::ZERO,
        }
    }
}

fn bytes(file: &File) -> Result<Vec<u8>> {
    let len = file.metadata()?.len();
    let mut bytes = vec![0; len as usize];
    file.read_exact_at(&mut bytes, 0).context("read a pcap")?;
    Ok(bytes)
}

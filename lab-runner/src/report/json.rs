//! Run -> one JSON object. Documented in the book's reference, versioned.

use lab_kit::Since;
use serde_json::{Value, json};

use crate::check::{Comparison, Verdict};
use crate::discover::Lab;
use crate::run::Run;

/// Raised when an old reader would misread.
pub(crate) const VERSION: u32 = 1;

/// A run, but for its packets.
pub(crate) fn run_json(lab: &Lab, run: &Run) -> Value {
    let claims: Vec<Value> = run
        .plan
        .claims
        .iter()
        .zip(&run.findings)
        .map(|(claim, finding)| {
            json!({
                "claim": claim,
                "holds": finding.holds,
                "wanted": finding.wanted,
                "saw": finding.saw,
                "segments": finding.segments,
                "gap": finding.gap,
            })
        })
        .collect();
    let phases: serde_json::Map<String, Value> = run
        .notes
        .phases
        .iter()
        .map(|(name, ms)| (name.clone(), json!(ms)))
        .collect();
    json!({
        "version": VERSION,
        "lab": lab.described.name,
        "experiment": run.plan.name,
        "question": run.plan.question,
        "verdict": run.verdict.name(),
        "why": why(&run.verdict),
        "exit_code": run.verdict.exit_code(),
        "claims": claims,
        "snapshot": comparison(&run.comparison),
        "figures": run.figures,
        "text": run.text,
        "what_if": run.turned.what_if.as_ref().map(|w| &w.name),
        "set": run.turned.set.iter().map(ToString::to_string)
            .collect::<Vec<_>>(),
        "kernel": run.notes.seen.kernel,
        "stall_ms": run.notes.stall_ns as f64 / 1e6,
        "waited_ms": run.notes.waited_ns as f64 / 1e6,
        "took_ms": run.took.as_secs_f64() * 1e3,
        "phases_ms": phases,
    })
}

/// A run that could not be made.
pub(crate) fn could_not_run_json(
    lab: &str,
    experiment: &str,
    why: &str,
) -> Value {
    json!({
        "version": VERSION,
        "lab": lab,
        "experiment": experiment,
        "verdict": "could-not-run",
        "why": [why],
        "exit_code": 2,
    })
}

/// An experiment that this machine, or this user, can't run.
pub(crate) fn skipped_json(
    lab: &Lab,
    experiment: &str,
    why: &str,
    since: Option<&Since>,
) -> Value {
    let mut skipped = json!({
        "version": VERSION,
        "lab": lab.described.name,
        "experiment": experiment,
        "verdict": "skipped",
        "why": [why],
        "exit_code": 0,
    });
    if let Some(since) = since {
        skipped["needs"] = json!({
            "kernel": since.version(),
            "commit": since.commit,
            "what": since.what,
        });
    }
    skipped
}

fn why(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Inconclusive(why) => vec![why.clone()],
        Verdict::Unforeseen(wrong) => wrong.clone(),
        _ => Vec::new(),
    }
}

fn comparison(comparison: &Comparison) -> Value {
    match comparison {
        Comparison::Same { path, lines, other } => {
            let mut same = json!({"is": "same", "path": path, "lines": lines});
            if let Some(other) = other {
                same["other"] = json!({
                    "reason": other.reason, "than": other.than,
                    "diff": other.diff,
                });
            }
            same
        }
        Comparison::Differs { path, diff, kernel, elsewhere } => json!({
            "is": "different", "path": path, "diff": diff,
            "accepted_on": kernel, "other_kernel_series": elsewhere,
        }),
        Comparison::New { path } => json!({"is": "new", "path": path}),
        Comparison::Other => json!({"is": "not compared"}),
    }
}

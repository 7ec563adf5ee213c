//! An accepted trace's files -> its [`Model`], and the script that gives it to
//! pages: `models/ch05/first-ack.js`.

use std::path::Path;

use lab_kit::Plan;
use lab_kit::ladder::model::Model;
use lab_kit::protocol::FORMAT;
use lab_trace::{Frame, Seen};

use crate::labs::Judge;

/// Where an accepted trace is, and what is known of it.
pub(crate) struct Accepted<'a> {
    /// `ch05/first-ack@variant`.
    pub(crate) of: &'a str,
    /// The workspace.
    pub(crate) root: &'a Path,
    /// Its files below the workspace, without their endings.
    pub(crate) stem: String,
    pub(crate) plan: &'a Plan,
    pub(crate) judge: &'a Judge,
}

/// Decodes, judges, and tells it for browsers.
pub(crate) fn make(accepted: &Accepted) -> Result<Model, String> {
    let (stem, plan) = (&accepted.stem, accepted.plan);
    let seen = notes(accepted)?;
    let taps = 0..seen.taps.len();
    let frames = taps.map(|n| capture(accepted, &seen.ending(n)));
    let frames = frames.collect::<Result<Vec<_>, _>>()?;
    let wrong = |e| format!("{stem}.notes.json: {e:#}");
    let run = lab_trace::evidence(&seen, &frames, plan.keeps_bytes);
    let judgement = (accepted.judge)(plan, &run.map_err(wrong)?)
        .map_err(|why| format!("{stem}.pcap is not judged: {why}"))?;
    let findings = &judgement.findings;
    lab_trace::model(accepted.of, plan, &seen, &frames, findings).map_err(wrong)
}

fn notes(accepted: &Accepted) -> Result<Seen, String> {
    let path = format!("{}.notes.json", accepted.stem);
    let text = std::fs::read(accepted.root.join(&path))
        .map_err(|e| format!("{path}: {e}; `./run accept` keeps it"))?;
    let seen: Seen = serde_json::from_slice(&text)
        .map_err(|e| format!("{path} holds no notes of ours: {e}"))?;
    match seen.format {
        ..=FORMAT => Ok(seen),
        newer => Err(format!("{path} has format {newer}, newer than mine")),
    }
}

fn capture(accepted: &Accepted, ending: &str) -> Result<Vec<Frame>, String> {
    let path = format!("{}.{ending}", accepted.stem);
    lab_trace::read(&accepted.root.join(&path))
        .map_err(|why| format!("{path}: {}", why.root_cause()))
}

/// What a page loads; the same model gives the same bytes. No text in it ends
/// a script element.
pub(crate) fn script(name: &str, model: &Model) -> String {
    let json = |value: serde_json::Result<String>| {
        value.unwrap_or_default().replace('<', "\\u003c")
    };
    format!(
        "socketLab.give({},{});\n",
        json(serde_json::to_string(name)),
        json(serde_json::to_string(model))
    )
}

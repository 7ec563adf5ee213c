//! Frames, notes and findings -> the ladder's model for browsers.

use anyhow::Result;
use lab_kit::ladder::Detail;
use lab_kit::ladder::model::Model;
use lab_kit::{Evidence, Finding, Plan};

use crate::{Frame, Seen, evidence, packets};

/// The model of a run that has been judged. It has the packets' bytes, also
/// where claims don't see them.
///
/// # Errors
/// Lists of frames and taps that don't go together.
pub fn model(
    of: &str,
    plan: &Plan,
    seen: &Seen,
    frames: &[Vec<Frame>],
    findings: &[Finding],
) -> Result<Model> {
    let run = evidence(seen, frames, plan.keeps_bytes)?;
    model_of(of, plan, &run, (seen, frames), findings)
}

/// The same of a run that has been decoded.
///
/// # Errors
/// As those of [`model`].
pub fn model_of(
    of: &str,
    plan: &Plan,
    run: &Evidence,
    left: (&Seen, &[Vec<Frame>]),
    findings: &[Finding],
) -> Result<Model> {
    made(of, plan, run, left, findings, false)
}

/// The model of a run that goes on, without claims: what was not seen to
/// arrive is under way.
///
/// # Errors
/// As those of [`model`].
pub fn model_so_far(
    of: &str,
    plan: &Plan,
    seen: &Seen,
    frames: &[Vec<Frame>],
) -> Result<Model> {
    let run = evidence(seen, frames, plan.keeps_bytes)?;
    made(of, plan, &run, (seen, frames), &[], true)
}

fn made(
    of: &str,
    plan: &Plan,
    run: &Evidence,
    (seen, frames): (&Seen, &[Vec<Frame>]),
    findings: &[Finding],
    goes_on: bool,
) -> Result<Model> {
    // A label shows bytes that are no text only where claims see them.
    let bytes = packets(seen, frames)?;
    let (kernel, claims) = (&seen.kernel, &plan.claims);
    let detail = Detail {
        verbose: true,
        windows: plan.shows_windows,
        by_arrival: plan.is_stepped(),
        numbered: true,
        goes_on,
    };
    let model = Model::of_evidence(of, kernel, run, claims, findings, detail);
    let strange: Vec<&String> = plan.raw.iter().chain(&plan.forged).collect();
    Ok(model.without_states_of(&strange).with_bytes(&bytes))
}

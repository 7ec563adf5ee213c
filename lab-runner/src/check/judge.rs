//! Evidence -> findings and figures: asks the lab's own `judge`.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use lab_kit::protocol::{Case, FORMAT, Judgement};
use lab_kit::{Evidence, Finding, Plan};

use crate::ask::ask;

/// Hands the evidence to the lab and reads one finding per claim, and the
/// figures.
pub(crate) fn judge(
    program: &Path,
    plan: &Plan,
    evidence: &Evidence,
) -> Result<Judgement> {
    let case = Case { format: FORMAT, evidence: evidence.clone() };
    let text = serde_json::to_vec(&case)?;
    let mut judge = Command::new(program);
    let output = ask(judge.args(["judge", &plan.name]), text)
        .with_context(|| format!("the judge of {}", plan.name))?;
    if !output.status.success() {
        bail!(
            "the judge of {} failed ({}): {}",
            plan.name,
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    let judgement: Judgement = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("read the judgement of {}", plan.name))?;
    if judgement.format != FORMAT
        || judgement.findings.len() != plan.claims.len()
    {
        bail!(
            "the judge of {} answers with {} findings in format {}, for {} \
             claims in format {FORMAT}",
            plan.name,
            judgement.findings.len(),
            judgement.format,
            plan.claims.len()
        );
    }
    Ok(judgement)
}

/// Of a network that an answer flooded nothing is judged: no claim holds.
pub(crate) fn flooded(plan: &Plan, why: &str) -> Judgement {
    let wanted = "a network that is not flooded";
    let finding = || Finding::new(false, wanted, why);
    let findings = plan.claims.iter().map(|_| finding()).collect();
    Judgement { format: FORMAT, findings, figures: Vec::new() }
}

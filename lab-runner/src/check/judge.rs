//! Evidence -> findings and figures: asks the lab's own `judge`.

use anyhow::{Context, Result, bail};
use lab_kit::protocol::{Case, FORMAT, Judgement};
use lab_kit::{Evidence, Finding, Plan};

use crate::ask::Residents;

/// Hands the evidence to the lab and reads one finding per claim, and the
/// figures.
pub(crate) fn judge(
    lab: &Residents,
    plan: &Plan,
    evidence: &Evidence,
) -> Result<Judgement> {
    let case = Case::of(evidence);
    let read = |text: &[u8]| -> Result<Judgement> {
        serde_json::from_slice(text).context("read its judgement")
    };
    let judgement = lab
        .ask(Some((&plan.name, &case)), read)
        .with_context(|| format!("the judge of {}", plan.name))?;
    understood(judgement, plan, evidence)
}

/// A judgement that is one of this plan and this evidence.
pub(crate) fn understood(
    judgement: Judgement,
    plan: &Plan,
    evidence: &Evidence,
) -> Result<Judgement> {
    if let Err(why) = judgement.fits(&plan.claims, evidence) {
        bail!("the judge of {} {why}", plan.name);
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

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Experiment, Finding, cable};

    #[test]
    fn a_finding_about_a_segment_that_is_not_there_is_refused() {
        let said = |finding| {
            let experiment = Experiment::new("x", "?").link(cable("a", "b"));
            let plan = experiment.claim("so it is", |_| unreachable!());
            let judgement = Judgement {
                format: FORMAT,
                findings: vec![finding],
                figures: Vec::new(),
            };
            understood(judgement, plan.plan(), &Evidence::default())
        };
        let finding = Finding::new(true, "", "");
        assert!(said(finding.clone()).is_ok());
        let gap = Finding { gap: Some((0, 3)), ..finding.clone() };
        let why = said(gap).unwrap_err().to_string();
        assert!(why.contains("segment 0 of 0: so it is"), "{why}");
        assert!(said(Finding { segments: vec![7], ..finding }).is_err());
    }
}

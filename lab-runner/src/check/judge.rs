//! Evidence -> findings: asks the lab's own `judge`.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use lab_kit::protocol::{Case, FORMAT, Judgement};
use lab_kit::{Evidence, Finding, Plan};

/// Hands the evidence to the lab and reads one finding per claim.
pub(crate) fn judge(
    program: &Path,
    plan: &Plan,
    evidence: &Evidence,
) -> Result<Vec<Finding>> {
    let mut child = Command::new(program)
        .args(["judge", &plan.name])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("start {}", program.display()))?;
    let case = Case { format: FORMAT, evidence: evidence.clone() };
    let text = serde_json::to_vec(&case)?;
    let mut stdin = child.stdin.take().context("its input")?;
    // In a thread: a lab that prints before it has read must not block us.
    let feeding = std::thread::spawn(move || stdin.write_all(&text));
    let output = child.wait_with_output().context("wait for its judgement")?;
    let fed = feeding.join().unwrap_or(Ok(()));
    if !output.status.success() {
        bail!(
            "the judge of {} failed ({}): {}",
            plan.name,
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    fed.context("give it the evidence")?;
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
    Ok(judgement.findings)
}

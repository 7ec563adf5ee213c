//! Many runs -> a table: verdicts, how many texts there were, times.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use super::{GOOD, painted};
use crate::run::Run;

/// What many runs of one experiment came to.
#[derive(Debug, Default, Clone)]
pub(crate) struct Tally {
    pub(crate) verdicts: BTreeMap<&'static str, u32>,
    /// How often each text was seen.
    pub(crate) texts: BTreeMap<String, u32>,
    took_ms: Vec<f64>,
    own_ms: Vec<f64>,
    stall_ms: Vec<f64>,
}

impl Tally {
    pub(crate) fn add(&mut self, run: &Run) {
        *self.verdicts.entry(run.verdict.name()).or_default() += 1;
        *self.texts.entry(run.text.clone()).or_default() += 1;
        let took = run.took.as_secs_f64() * 1e3;
        let hosts = run.notes.phases.iter().find(|(name, _)| name == "hosts");
        self.took_ms.push(took);
        self.own_ms.push(took - hosts.map_or(0.0, |(_, ms)| *ms));
        self.stall_ms.push(run.notes.stall_ns as f64 / 1e6);
    }

    pub(crate) fn add_failure(&mut self) {
        *self.verdicts.entry("could-not-run").or_default() += 1;
    }

    /// Whether a run went wrong; one without a snapshot yet has not.
    pub(crate) fn has_failed(&self) -> bool {
        self.verdicts.keys().any(|v| !["pass", "new"].contains(v))
    }

    fn has_only(&self, verdict: &str) -> bool {
        self.verdicts.keys().all(|v| *v == verdict) && !self.verdicts.is_empty()
    }

    /// The worst exit code of all runs.
    pub(crate) fn exit_code(&self) -> u8 {
        let code = |verdict: &str| match verdict {
            "pass" => 0,
            "inconclusive" | "could-not-run" => 2,
            _ => 1,
        };
        let codes: Vec<u8> = self.verdicts.keys().map(|v| code(v)).collect();
        match codes.contains(&1) {
            true => 1,
            false => codes.into_iter().max().unwrap_or(0),
        }
    }

    /// Median and worst, as `41.2 (max 60.3)`.
    fn spread(values: &[f64]) -> String {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let Some(worst) = sorted.last() else { return "-".into() };
        format!("{:.0} (max {worst:.0})", sorted[sorted.len() / 2])
    }

    pub(crate) fn took(&self) -> String {
        Self::spread(&self.took_ms)
    }
}

/// A run that passed, in one line.
pub(crate) fn one_line(name: &str, run: &Run) -> String {
    let good = painted(GOOD, "pass");
    format!("{good}  {name}  {} ms\n", run.took.as_millis())
}

/// What everything came to: `152 of 153 passed in 4.1 s, 2 skipped: ..`.
pub(crate) fn summary(
    rows: &[(String, Tally)],
    skipped: &[String],
    took: Duration,
) -> String {
    let passed = rows.iter().filter(|(_, t)| t.has_only("pass")).count();
    let mut text = format!(
        "\n{passed} of {} passed in {:.1} s",
        rows.len(),
        took.as_secs_f64()
    );
    let names = |names: Vec<&str>| names.join(", ");
    let not: Vec<&str> = rows
        .iter()
        .filter(|(_, tally)| !tally.has_only("pass"))
        .map(|(name, _)| name.as_str())
        .collect();
    if !not.is_empty() {
        let _ = write!(text, "; not: {}", names(not));
    }
    if !skipped.is_empty() {
        let all = skipped.iter().map(String::as_str).collect();
        let _ = write!(text, "; {} skipped: {}", skipped.len(), names(all));
    }
    text + "\n"
}

/// One row for each experiment.
pub(crate) fn table(rows: &[(String, Tally)]) -> String {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut text = format!(
        "{:width$}  {:>5}  {:>5}  {:<22} {:<16} {:<16} {}\n",
        "experiment",
        "runs",
        "texts",
        "verdicts",
        "ms, all",
        "ms, ours",
        "worst stall"
    );
    for (name, tally) in rows {
        let runs: u32 = tally.verdicts.values().sum();
        let verdicts: Vec<String> =
            tally.verdicts.iter().map(|(v, n)| format!("{n} {v}")).collect();
        let stall = tally.stall_ms.iter().copied().fold(0.0, f64::max);
        let _ = writeln!(
            text,
            "{name:width$}  {runs:>5}  {:>5}  {:<22} {:<16} {:<16} {stall:.0} ms",
            tally.texts.len(),
            verdicts.join(", "),
            tally.took(),
            Tally::spread(&tally.own_ms),
        );
    }
    text
}

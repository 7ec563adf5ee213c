//! Evidence -> Verdict: the lab's judge, then the snapshot.

mod given;
mod judge;
mod keep;
mod series;
mod snapshot;
#[cfg(test)]
mod tests;
mod text;

use lab_kit::{Finding, Perturbation, Plan};

pub(crate) use given::{given, kept_ladder};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use judge::understood;
pub(crate) use judge::{flooded, judge};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use keep::snap;
pub(crate) use keep::{
    keep, kept_figures, propose, write_for_now, write_whole,
};
pub(crate) use series::{files, kept_on, name_on, stems};
pub(crate) use snapshot::{Accepted, Comparison, compare};
pub(crate) use text::snapshot_text;

/// What a run comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Verdict {
    Pass,
    /// Claims failed: their indices.
    ClaimsFail(Vec<usize>),
    /// Claims hold, the trace isn't the accepted one.
    Differs,
    /// Claims hold, nothing was accepted yet.
    New,
    /// A perturbation broke other claims than it says.
    Unforeseen(Vec<String>),
    /// It can't be judged, and why.
    Inconclusive(String),
}

impl Verdict {
    /// 0 pass, 1 failed, 2 could not be judged.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Verdict::Pass => 0,
            Verdict::Inconclusive(_) => 2,
            _ => 1,
        }
    }

    /// For tables and JSON.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::ClaimsFail(_) => "claim-failed",
            Verdict::Differs => "snapshot-differs",
            Verdict::New => "new",
            Verdict::Unforeseen(_) => "unforeseen",
            Verdict::Inconclusive(_) => "inconclusive",
        }
    }
}

/// A stall that excuses what it may have caused, in milliseconds: as long as a
/// delayed ACK takes, the shortest kernel timer that labs are about.
pub(crate) const STALL_MS: u64 = 40;

/// What the verdict is made of.
pub(crate) struct Judged<'a> {
    pub(crate) plan: &'a Plan,
    pub(crate) findings: &'a [Finding],
    pub(crate) comparison: &'a Comparison,
    /// Why the capture can't be trusted, if so.
    pub(crate) incomplete: Option<&'a str>,
    pub(crate) stall_ns: u64,
    pub(crate) waited_ns: u64,
    /// An answer was ended because its time was over.
    pub(crate) over_time: bool,
    pub(crate) strict: bool,
}

impl Judged<'_> {
    fn failing(&self) -> Vec<usize> {
        let all = self.findings.iter().enumerate();
        all.filter(|(_, f)| !f.holds).map(|(n, _)| n).collect()
    }

    /// A run as the experiment stands. A capture that lost a frame never
    /// passes; a mismatch on a machine that stood still isn't held against
    /// anybody.
    pub(crate) fn verdict(&self) -> Verdict {
        if let Some(why) = self.incomplete {
            return Verdict::Inconclusive(why.into());
        }
        match self.failing() {
            failing if failing.is_empty() => self.unasked(),
            failing => self.unless_early(failing),
        }
    }

    /// A timer that was early by no more than the machine stood still was in
    /// time by the kernel's own clock, which stood still with it.
    fn unless_early(&self, failing: Vec<usize>) -> Verdict {
        let early = |n: &usize| {
            self.findings.get(*n).and_then(|finding| finding.early_ns)
        };
        if failing.iter().all(|n| early(n).is_some_and(|e| e <= self.stall_ns))
        {
            let stood = self.stall_ns / 1_000_000;
            return Verdict::Inconclusive(format!(
                "a timer was early, by less than the {stood} ms for which the \
                 machine stood still during the run"
            ));
        }
        self.unless_it_stood_still(Verdict::ClaimsFail(failing))
    }

    /// A run about which nobody has said anything yet, where that is what the
    /// claims are about: only the snapshot counts.
    pub(crate) fn unasked(&self) -> Verdict {
        if let Some(why) = self.incomplete {
            return Verdict::Inconclusive(why.into());
        }
        let verdict = if matches!(self.comparison, Comparison::New { .. }) {
            return Verdict::New;
        } else if self.comparison.is_held_against(self.strict) {
            Verdict::Differs
        } else {
            return Verdict::Pass;
        };
        self.unless_it_stood_still(verdict)
    }

    /// A run with other knobs: only the claims count.
    pub(crate) fn tried(&self) -> Verdict {
        match (self.incomplete, self.failing()) {
            (Some(why), _) => Verdict::Inconclusive(why.into()),
            (None, failing) if failing.is_empty() => Verdict::Pass,
            (None, failing) => Verdict::ClaimsFail(failing),
        }
    }

    /// A run with somebody's answer: as [`Judged::tried`], but a machine that
    /// stood still is held against nobody, unless time plays no part in it.
    pub(crate) fn answered(&self) -> Verdict {
        match self.plan.by_events {
            true => self.tried(),
            false => self.unless_it_stood_still(self.tried()),
        }
    }

    /// A run that an answer flooded: nothing excuses that, least of all the
    /// frames that were lost by it.
    pub(crate) fn flooded(&self) -> Verdict {
        Verdict::ClaimsFail(self.failing())
    }

    /// Whoever needs seconds where others need none is not excused by 40 ms:
    /// an answer that keeps the machine busy would excuse itself. Nor is one
    /// that does not do its work, which is the first rule.
    fn excuse_ms(&self) -> u64 {
        let idle = self.findings.first().is_some_and(|f| !f.holds);
        let is_program = !self.plan.answers.is_empty();
        match self.over_time || idle && is_program {
            true => STALL_MS.max(self.plan.within_ms / 4),
            false => STALL_MS,
        }
    }

    fn unless_it_stood_still(&self, verdict: Verdict) -> Verdict {
        let stood = self.stall_ns / 1_000_000;
        let waited = self.waited_ns / 1_000_000;
        if verdict.exit_code() != 1 || stood.max(waited) < self.excuse_ms() {
            return verdict;
        }
        Verdict::Inconclusive(match stood >= self.excuse_ms() {
            true => {
                format!("the machine stood still for {stood} ms during the run")
            }
            false => format!(
                "the machine stood still for a program, which waited {waited} \
                 ms in all for a CPU during the run"
            ),
        })
    }

    /// A perturbed run: exactly the claims that it names must fail.
    pub(crate) fn perturbed(&self, what_if: &Perturbation) -> Verdict {
        if let Some(why) = self.incomplete {
            return Verdict::Inconclusive(why.into());
        }
        let mut wrong = Vec::new();
        for (claim, finding) in self.plan.claims.iter().zip(self.findings) {
            let foreseen = what_if.fails.contains(claim);
            match (finding.holds, foreseen) {
                (true, true) => wrong.push(format!(
                    "still holds, but should fail: {claim} ({})",
                    finding.saw
                )),
                (false, false) => wrong.push(format!(
                    "fails, but should hold: {claim} (wanted {}; saw {})",
                    finding.wanted, finding.saw
                )),
                _ => {}
            }
        }
        if wrong.is_empty() {
            Verdict::Pass
        } else {
            Verdict::Unforeseen(wrong)
        }
    }
}

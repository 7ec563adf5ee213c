//! Two runs -> their packets side by side, and the first that differs.
//!
//! Times, ports and sequence numbers of one run only are in neither: what
//! differs is what was sent, and in which order.

use lab_kit::Plan;

use crate::check::snapshot_text;
use crate::report::harmless_line;
use crate::run::Run;

/// Lines of both, and where they part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Beside {
    pub(crate) answer: Vec<String>,
    pub(crate) solution: Vec<String>,
    /// The first line that is not the same.
    pub(crate) parts_at: Option<usize>,
}

impl Beside {
    pub(super) fn of(answer: &Run, solution: &Run) -> Beside {
        Beside::from(lines(answer), lines(solution))
    }

    pub(super) fn from(answer: Vec<String>, solution: Vec<String>) -> Beside {
        let both = answer.len().max(solution.len());
        let parts_at = (0..both).find(|&n| answer.get(n) != solution.get(n));
        Beside { answer, solution, parts_at }
    }
}

/// In the snapshots' notation, without what claims add to it.
fn lines(run: &Run) -> Vec<String> {
    let plan = Plan { packets_vary: None, ..run.plan.clone() };
    let text = snapshot_text(&plan, &run.evidence, &[]);
    text.lines().map(harmless_line).collect()
}

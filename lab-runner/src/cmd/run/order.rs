//! Tasks -> how many run at once, and in which order they start.

use serde::Deserialize;

use super::Task;
use super::show::Manner;
use crate::cli::RunArgs;

/// Experiments wait for kernel timers more than they compute.
const PER_CORE: usize = 4;

/// How many run at once, unless told: side by side, but repeats alone, so that
/// their times mean something.
pub(super) fn jobs(args: &RunArgs, tasks: usize) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let usual = match args.repeat {
        0 | 1 => cores * PER_CORE,
        _ => 1,
    };
    let jobs = args.jobs.map_or(usual, |jobs| jobs as usize);
    jobs.clamp(1, 64).min(tasks.max(1))
}

/// Indices of the tasks in the order in which they start. Where the order of
/// printing is free, the longest start first: none of them is then left to run
/// alone at the end.
pub(super) fn order(tasks: &[Task], manner: Manner) -> Vec<usize> {
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    if manner != Manner::Whole {
        let took: Vec<f64> = tasks.iter().map(accepted_ms).collect();
        order.sort_by(|&a, &b| took[b].total_cmp(&took[a]));
    }
    order
}

/// How long the accepted run took; a new experiment may take long.
fn accepted_ms(task: &Task) -> f64 {
    #[derive(Deserialize)]
    struct Took {
        phases: Vec<(String, f64)>,
    }
    let path = task.lab.kept(&task.plan.name, "notes.json");
    let text = std::fs::read(path).unwrap_or_default();
    let took: Option<Took> = serde_json::from_slice(&text).ok();
    took.map_or(f64::MAX, |t| t.phases.iter().map(|(_, ms)| ms).sum())
}

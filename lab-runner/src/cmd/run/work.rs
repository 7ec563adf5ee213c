//! Tasks -> tallies: runs them, some at once, and prints what they came to.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::Task;
use super::order::{jobs, order};
use super::show::{Manner, Shown, show};
use crate::cli::RunArgs;
use crate::report::{self, Tally, say};
use crate::run::run;
use crate::stage;

/// What has ended, and what of it waits for its turn to be printed.
struct Desk {
    tallies: Vec<(String, Tally)>,
    waiting: BTreeMap<usize, Shown>,
    printed: usize,
}

/// Runs the tasks, each as often as asked.
pub(super) fn work(
    tasks: &[Task],
    args: &RunArgs,
    manner: Manner,
) -> Vec<(String, Tally)> {
    let names = tasks.iter().map(|t| (t.name.clone(), Tally::default()));
    let desk = Mutex::new(Desk {
        tallies: names.collect(),
        waiting: BTreeMap::new(),
        printed: 0,
    });
    let order = order(tasks, manner);
    let total = tasks.len() * args.repeat.max(1) as usize;
    stage::expect(total);
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let worker = || {
        while !stop.load(Ordering::Relaxed) {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= total {
                return;
            }
            let which = order[n % tasks.len()];
            let task = &tasks[which];
            let name = &task.name;
            report::progress(&format!("running {name} ({}/{total})", n + 1));
            let result = run(task.lab, task.plan, &task.turned);
            let mut desk = desk.lock().unwrap_or_else(PoisonError::into_inner);
            let shown = show(task, &result, args, manner);
            let tally = &mut desk.tallies[which].1;
            match &result {
                Ok(run) if !shown.unsaved => tally.add(run),
                _ => tally.add_failure(),
            }
            let failed = tally.has_failed();
            desk.print(which, shown, manner);
            drop(desk);
            if failed && !args.keep_going {
                stop.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs(args, total) {
            scope.spawn(worker);
        }
    });
    desk.into_inner().unwrap_or_else(PoisonError::into_inner).tallies
}

impl Desk {
    /// Prints at once, or when all before it have been printed.
    fn print(&mut self, which: usize, shown: Shown, manner: Manner) {
        if manner != Manner::Whole {
            return print(&shown);
        }
        self.waiting.insert(which, shown);
        while let Some(shown) = self.waiting.remove(&self.printed) {
            print(&shown);
            self.printed += 1;
        }
    }
}

fn print(shown: &Shown) {
    report::progress_done();
    say(&shown.out);
    anstream::eprint!("{}", shown.err);
}

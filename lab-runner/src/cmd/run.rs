//! `lab-runner ch05 [experiment]` and `lab-runner all`.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Result, bail};
use lab_kit::Plan;

use crate::cli::{ChapterArgs, RunArgs};
use crate::discover::{Lab, Project};
use crate::knobs;
use crate::report::{self, Detail, Tally, say};
use crate::run::{Run, Turned, run};
use lab_kit::names::nearest;

/// One experiment with its knobs, to be run once.
#[derive(Clone)]
struct Task<'a> {
    lab: &'a Lab,
    plan: &'a Plan,
    turned: Turned,
    name: String,
}

/// Runs a chapter, or one experiment of it.
pub(crate) fn chapter(project: &Project, args: &ChapterArgs) -> Result<u8> {
    let lab = project.lab(&args.chapter)?;
    let plans = lab.experiments(args.experiment.as_deref())?;
    let plans: Vec<_> = plans.into_iter().map(|plan| (&lab, plan)).collect();
    run_all(&plans, &args.run)
}

/// Runs every experiment of every chapter.
pub(crate) fn all(project: &Project, args: &RunArgs) -> Result<u8> {
    let labs = project.labs(None)?;
    let mut plans = Vec::new();
    for lab in &labs {
        plans.extend(lab.experiments(None)?.into_iter().map(|p| (lab, p)));
    }
    let args = RunArgs { keep_going: true, ..args.clone() };
    run_all(&plans, &args)
}

fn run_all(plans: &[(&Lab, &Plan)], args: &RunArgs) -> Result<u8> {
    if plans.is_empty() {
        bail!("there is no experiment here yet: labs/*/src/main.rs lists them");
    }
    let mut tasks = Vec::new();
    for (lab, plan) in plans {
        for turned in turned(plan, args, plans.len() > 1)? {
            let suffix = match &turned.what_if {
                Some(what_if) => format!(" --what-if {}", what_if.name),
                None => String::new(),
            };
            let name = format!("{}/{}{suffix}", lab.described.name, plan.name);
            if let Some(why) = unfit(plan, &turned) {
                eprintln!("SKIPPED  {name}: {why}");
                continue;
            }
            tasks.push(Task { lab, plan, turned, name });
        }
    }
    if tasks.is_empty() {
        bail!("nothing to run: no experiment here has what was asked for");
    }
    let tallies = work(&tasks, args)?;
    report::progress_done();
    if !args.json && (args.repeat > 1 || tasks.len() > 1) {
        say(&format!("\n{}", report::table(&tallies)));
    }
    let codes: Vec<u8> = tallies.iter().map(|(_, t)| t.exit_code()).collect();
    let failed = codes.contains(&1);
    Ok(if failed { 1 } else { codes.into_iter().max().unwrap_or(2) })
}

/// Why this machine can't run it, if so.
fn unfit(plan: &Plan, turned: &Turned) -> Option<String> {
    if let Some(why) = &plan.root_only
        && !nix::unistd::geteuid().is_root()
    {
        return Some(format!("needs root, since {why}"));
    }
    let release = crate::kernel::release();
    let what_if = turned.what_if.as_ref().and_then(|w| w.since.as_ref());
    let lacking = [plan.since.as_ref(), what_if].into_iter().flatten();
    let since = lacking.max_by_key(|since| since.kernel)?;
    let (major, minor) = since.kernel;
    let old = crate::kernel::version(&release) < since.kernel;
    old.then(|| {
        format!(
            "needs Linux {major}.{minor} for {}; this is {release}",
            since.what
        )
    })
}

/// What the arguments turn for one experiment.
fn turned(plan: &Plan, args: &RunArgs, many: bool) -> Result<Vec<Turned>> {
    let set = args
        .set
        .iter()
        .map(|text| knobs::parse(text, plan))
        .collect::<Result<Vec<_>>>()?;
    let turned =
        |what_if| Turned { what_if, set: set.clone(), strict: args.strict };
    if args.every_what_if {
        let all = plan.perturbations.iter().cloned();
        return Ok(all.map(|what_if| turned(Some(what_if))).collect());
    }
    let Some(name) = &args.what_if else { return Ok(vec![turned(None)]) };
    let mut known = plan.perturbations.iter();
    match known.find(|what_if| what_if.name == *name) {
        Some(what_if) => Ok(vec![turned(Some(what_if.clone()))]),
        None if many => Ok(Vec::new()),
        None => {
            let names: Vec<_> =
                plan.perturbations.iter().map(|p| p.name.as_str()).collect();
            bail!(
                "{} has no perturbation {name:?}; {}",
                plan.name,
                nearest(name, names)
            )
        }
    }
}

/// Runs the tasks, some at once, each as often as asked.
fn work(tasks: &[Task], args: &RunArgs) -> Result<Vec<(String, Tally)>> {
    let names = tasks.iter().map(|t| (t.name.clone(), Tally::default()));
    let tallies = Mutex::new(names.collect::<Vec<_>>());
    let total = tasks.len() * args.repeat.max(1) as usize;
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let worker = || {
        while !stop.load(Ordering::Relaxed) {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= total {
                return;
            }
            let task = &tasks[n % tasks.len()];
            report::progress(&format!(
                "running {} ({}/{total})",
                task.name,
                n + 1
            ));
            let result = run(task.lab, task.plan, &task.turned);
            let mut all =
                tallies.lock().unwrap_or_else(PoisonError::into_inner);
            let tally = &mut all[n % tasks.len()].1;
            match &result {
                Ok(run) => tally.add(run),
                Err(_) => tally.add_failure(),
            }
            if !show(task, result, args, tally.has_failed()) {
                tally.add_failure();
            }
            let failed = tally.has_failed();
            drop(all);
            if failed && !args.keep_going {
                stop.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..args.jobs.clamp(1, 64) {
            scope.spawn(worker);
        }
    });
    Ok(tallies.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// Every run in full; of many repeats only those that failed. False: its
/// packets were to be saved, and could not be.
fn show(
    task: &Task,
    result: Result<Run>,
    args: &RunArgs,
    failed: bool,
) -> bool {
    report::progress_done();
    let lab = &task.lab.described.name;
    let run = match result {
        Ok(run) => run,
        Err(error) if args.json => {
            let why = format!("{error:#}");
            let json = report::could_not_run_json(lab, &task.plan.name, &why);
            say(&format!("{json}\n"));
            return true;
        }
        Err(error) => {
            anstream::eprint!("{}", could_not_run(&task.name, &error));
            return true;
        }
    };
    let saved = args.pcap.as_ref().is_none_or(|dir| save(task, &run, dir));
    propose(task, &run);
    if args.json {
        say(&format!("{}\n", report::run_json(task.lab, &run)));
    } else if args.repeat == 1 || failed {
        let columns = report::columns();
        let detail = Detail { verbose: args.verbose, columns };
        say(&(report::report(task.lab, &run, detail) + "\n"));
    }
    saved
}

fn save(task: &Task, run: &Run, dir: &std::path::Path) -> bool {
    match report::save_pcaps(task.lab, run, dir) {
        Ok(path) => eprintln!("packets: {}", path.display()),
        Err(error) => {
            eprintln!("error: {}", report::harmless(&format!("{error:#}")));
            return false;
        }
    }
    true
}

/// Leaves what was seen for `cargo insta review`; never in CI.
fn propose(task: &Task, run: &Run) {
    use crate::check::Verdict;
    let proposed = [Verdict::Differs, Verdict::New].contains(&run.verdict);
    if proposed && std::env::var_os("CI").is_none() {
        match crate::check::propose(task.lab, run) {
            Ok(path) => eprintln!("wrote {}", path.display()),
            Err(error) => eprintln!("could not leave a .snap.new: {error:#}"),
        }
    }
}

fn could_not_run(name: &str, error: &anyhow::Error) -> String {
    let words = report::harmless(&format!("{error:#}"));
    let dim = |text: &str| report::painted(report::DIM, text);
    format!(
        "{} {name} could not run\n{}\n\n{}\n",
        report::painted(report::BAD, "error:"),
        words.trim_end(),
        dim("nothing is left behind; `lab-runner doctor` checks the machine"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_lacks_is_skipped_with_its_reason() {
        let experiment = lab_kit::Experiment::new("x", "?");
        let turned = Turned::default();
        assert_eq!(unfit(experiment.plan(), &turned), None);
        let later = experiment.since((99, 1), "a knob to come");
        let why = unfit(later.plan(), &turned).unwrap();
        assert!(why.contains("needs Linux 99.1 for a knob to come"), "{why}");
    }
}

//! `lab-runner ch05 [experiment]` and `lab-runner all`: arguments -> tasks,
//! their runs, an exit code.

mod events;
mod order;
mod show;
mod work;

use std::time::Instant;

use anyhow::{Result, bail};
use lab_kit::{Plan, Since};

use crate::cli::{ChapterArgs, RunArgs};
use crate::discover::{Lab, Project};
use crate::knobs;
use crate::report::{self, Tally, say};
use crate::run::Turned;
pub(crate) use events::events;
use lab_kit::names::nearest;
use show::Manner;

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
    run_all(&plans, &args.run, Manner::of(&args.run, false))
}

/// Runs every experiment of every chapter.
pub(crate) fn all(project: &Project, args: &RunArgs) -> Result<u8> {
    let labs = project.labs(None)?;
    let mut plans = Vec::new();
    for lab in &labs {
        plans.extend(lab.experiments(None)?.into_iter().map(|p| (lab, p)));
    }
    let args = RunArgs { keep_going: true, ..args.clone() };
    run_all(&plans, &args, Manner::of(&args, true))
}

fn run_all(
    plans: &[(&Lab, &Plan)],
    args: &RunArgs,
    manner: Manner,
) -> Result<u8> {
    if plans.is_empty() {
        bail!("there is no experiment here yet: labs/*/src/main.rs lists them");
    }
    let start = Instant::now();
    let (mut tasks, mut skipped) = (Vec::new(), Vec::new());
    for (lab, plan) in plans {
        for turned in turned(plan, args, plans.len() > 1)? {
            let suffix = match &turned.what_if {
                Some(what_if) => format!(" --what-if {}", what_if.name),
                None => String::new(),
            };
            let name = format!("{}/{}{suffix}", lab.described.name, plan.name);
            if let Some((why, since)) = unfit(plan, &turned) {
                eprintln!("SKIPPED  {name}: {why}");
                if args.json {
                    let json =
                        report::skipped_json(lab, &plan.name, &why, since);
                    say(&format!("{json}\n"));
                }
                skipped.push(name);
                continue;
            }
            tasks.push(Task { lab, plan, turned, name });
        }
    }
    if tasks.is_empty() {
        bail!("nothing to run: no experiment here has what was asked for");
    }
    let tallies = work::work(&tasks, args, manner);
    report::progress_done();
    if manner == Manner::Brief {
        say(&report::summary(&tallies, &skipped, start.elapsed()));
    } else if !args.json && (args.repeat > 1 || tasks.len() > 1) {
        say(&format!("\n{}", report::table(&tallies)));
    }
    Ok(exit_code(&tallies))
}

fn exit_code(tallies: &[(String, Tally)]) -> u8 {
    let codes: Vec<u8> = tallies.iter().map(|(_, t)| t.exit_code()).collect();
    match codes.contains(&1) {
        true => 1,
        false => codes.into_iter().max().unwrap_or(2),
    }
}

/// Why this machine can't run it, if so, and what its kernel lacks, if that is
/// why.
fn unfit<'a>(
    plan: &'a Plan,
    turned: &'a Turned,
) -> Option<(String, Option<&'a Since>)> {
    if let Some(why) = &plan.root_only
        && !nix::unistd::geteuid().is_root()
    {
        return Some((format!("needs root, since {why}"), None));
    }
    let release = crate::kernel::release();
    let what_if = turned.what_if.as_ref().and_then(|w| w.since.as_ref());
    let lacking = [plan.since.as_ref(), what_if].into_iter().flatten();
    let since = lacking.max_by_key(|since| since.kernel)?;
    let old = crate::kernel::version(&release) < since.kernel;
    old.then(|| {
        let (version, what) = (since.version(), &since.what);
        let commit = &since.commit;
        let why = format!(
            "needs Linux {version} for {what} ({commit}); this is {release}"
        );
        (why, Some(since))
    })
}

/// What the arguments turn for one experiment.
fn turned(plan: &Plan, args: &RunArgs, many: bool) -> Result<Vec<Turned>> {
    let set = args
        .set
        .iter()
        .map(|text| knobs::parse(text, plan))
        .collect::<Result<Vec<_>>>()?;
    let turned = |what_if| Turned {
        what_if,
        set: set.clone(),
        strict: args.strict,
        ..Turned::default()
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kernel_lacks_is_skipped_with_its_reason() {
        let experiment = lab_kit::Experiment::new("x", "?");
        let turned = Turned::default();
        assert_eq!(unfit(experiment.plan(), &turned), None);
        let later = experiment.since((99, 1), "0123456789ab", "a knob to come");
        let (why, _) = unfit(later.plan(), &turned).unwrap();
        assert!(why.contains("needs Linux 99.1 for a knob to come"), "{why}");
    }
}

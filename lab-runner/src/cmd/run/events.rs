//! `lab-runner ch05 first-ack --events`: one run, told as it happens. It always
//! ends with an `end`, whatever went wrong.

use anyhow::{Context, Result, bail};

use super::{turned, unfit};
use crate::cli::ChapterArgs;
use crate::discover::Project;
use crate::live::{self, Watcher};
use crate::run::run_watched;
use crate::stage;

/// Runs it and returns its exit code.
pub(crate) fn events(project: &Project, args: &ChapterArgs) -> u8 {
    live::end_with_reader();
    live::phase("building");
    let experiment = args.experiment.as_deref().unwrap_or_default();
    let of = format!("{}/{experiment}", args.chapter);
    match told(project, args) {
        Ok(code) => code,
        Err(error) => {
            live::no_run(&of, "could-not-run", &format!("{error:#}"));
            2
        }
    }
}

fn told(project: &Project, args: &ChapterArgs) -> Result<u8> {
    let name = args.experiment.as_deref();
    let name = name.context("--events tells one run: name an experiment")?;
    let lab = project.lab(&args.chapter)?;
    let plans = lab.experiments(Some(name))?;
    let [plan] = plans[..] else {
        let names: Vec<_> = plans.iter().map(|p| p.name.as_str()).collect();
        bail!("--events tells one run, {name:?} means {}", names.join(", "));
    };
    let turned = turned(plan, &args.run, false)?;
    let [turned] = &turned[..] else { bail!("--events tells one run") };
    let of = format!("{}/{}", lab.described.name, plan.name);
    live::begin(&of, plan, turned);
    if let Some((why, _)) = unfit(plan, turned) {
        live::no_run(&of, "skipped", &why);
        return Ok(0);
    }
    let watch = |told, captures: &[_]| {
        Watcher::new(&of, plan, captures).watch(told);
    };
    stage::expect(1);
    let run = run_watched(&lab, plan, turned, Some(&watch))?;
    live::end(&lab, &run);
    Ok(run.verdict.exit_code())
}

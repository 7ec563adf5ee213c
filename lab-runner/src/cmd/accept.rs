//! `lab-runner accept ch05 first-ack`: runs it, shows ladder and diff, and
//! keeps the trace.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Result, bail};
use lab_kit::Plan;
use serde_json::json;

use crate::check::{
    Comparison, Verdict, given, keep, kept_figures, kept_ladder,
};
use crate::discover::{Lab, Project};
use crate::kept;
use crate::report::{self, Detail, VERSION, say};
use crate::run::{Run, Turned, run};
use lab_kit::names::nearest;

/// What `accept` was told.
pub(crate) struct Order<'a> {
    pub(crate) chapter: &'a str,
    pub(crate) experiment: Option<&'a str>,
    pub(crate) variant: Option<&'a str>,
    pub(crate) yes: bool,
    pub(crate) json: bool,
}

/// Accepts the traces of one experiment or of a chapter.
pub(crate) fn accept(project: &Project, order: &Order) -> Result<u8> {
    if std::env::var_os("CI").is_some_and(|ci| !ci.is_empty()) {
        bail!("CI is set: a machine doesn't accept traces, a person does");
    }
    project.must_be_ours("accept")?;
    let lab = project.lab(order.chapter)?;
    let mut worst = 0;
    for plan in lab.accepted(order.experiment)? {
        check_variant(plan, order.variant)?;
        worst = worst.max(accept_one(&lab, plan, order)?);
    }
    Ok(worst)
}

fn check_variant(plan: &Plan, variant: Option<&str>) -> Result<()> {
    let names: Vec<_> = plan.variants.iter().map(|v| v.name.as_str()).collect();
    match variant {
        Some(name) if !names.contains(&name) => bail!(
            "{} declares no variant {name:?}; {}",
            plan.name,
            nearest(name, names)
        ),
        _ => Ok(()),
    }
}

fn accept_one(lab: &Lab, plan: &Plan, order: &Order) -> Result<u8> {
    report::progress(&format!("running {}", plan.name));
    let run = run(lab, plan, &Turned { strict: true, ..Turned::default() })?;
    report::progress_done();
    let columns = report::columns();
    let same = matches!(run.comparison, Comparison::Same { .. });
    if !order.json {
        let detail = Detail { verbose: false, columns };
        say(&report::report(lab, &run, detail));
    }
    match run.verdict {
        Verdict::Pass | Verdict::Differs | Verdict::New => {}
        _ => {
            if order.json {
                say(&format!("{}\n", report::run_json(lab, &run)));
            }
            match &run.verdict {
                Verdict::Inconclusive(why) => eprintln!("not accepted: {why}"),
                _ => eprintln!(
                    "not accepted: only a run whose claims hold is kept"
                ),
            }
            return Ok(run.verdict.exit_code());
        }
    }
    if same && order.variant.is_none() && has_all(lab, plan) {
        return Ok(tell(order, plan, "already accepted"));
    }
    if !order.yes && !asked(&plan.name)? {
        return Ok(tell(order, plan, "left as it was"));
    }
    keep_and_tell(lab, &run, order)
}

/// A snapshot without its capture can't be checked again; and what is
/// drawn of it must be what is drawn today.
fn has_all(lab: &Lab, plan: &Plan) -> bool {
    let kept = kept_figures(lab, &plan.name);
    let judged = kept::judged(lab, plan, &plan.name, &Turned::default());
    judged.is_ok_and(|run| {
        run.figures == kept && given(&run) == kept_ladder(lab, plan)
    })
}

fn keep_and_tell(lab: &Lab, run: &Run, order: &Order) -> Result<u8> {
    let path = keep(lab, run, order.variant)?;
    Ok(tell(order, &run.plan, &format!("accepted: {}", path.display())))
}

fn tell(order: &Order, plan: &Plan, what: &str) -> u8 {
    match order.json {
        true => {
            let name = &plan.name;
            let json = json!({
                "version": VERSION, "experiment": name, "accept": what,
            });
            say(&format!("{json}\n"));
        }
        false => say(&format!("{what}\n\n")),
    }
    0
}

fn asked(name: &str) -> Result<bool> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody to ask whether to accept {name}: say --yes");
    }
    eprint!("accept this as the trace of {name}? [y/N] ");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

//! `lab-runner accept ch05 first-ack`: runs it, shows ladder and diff, and
//! keeps the trace.

mod place;

use std::io::{BufRead, IsTerminal, Write};

use anyhow::{Result, bail};
use lab_kit::Plan;
use serde_json::json;

use crate::check::{Verdict, given, keep, kept_figures, kept_ladder};
use crate::discover::{Lab, Project};
use crate::kept;
use crate::report::{self, Detail, VERSION, say};
use crate::run::{Run, Turned, run};
use lab_kit::names::nearest;
use place::Place;

/// What `accept` was told.
pub(crate) struct Order<'a> {
    pub(crate) chapter: &'a str,
    pub(crate) experiment: Option<&'a str>,
    pub(crate) variant: Option<&'a str>,
    /// Why the trace of this series of kernels differs.
    pub(crate) reason: Option<&'a str>,
    /// As the experiment's own, whatever series that is of.
    pub(crate) main: bool,
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
    if !order.json {
        let detail = Detail { verbose: false, columns };
        say(&report::report(lab, &run, detail));
    }
    match run.verdict {
        Verdict::Pass | Verdict::Differs | Verdict::New => {}
        _ => return Ok(refused(lab, &run, order)),
    }
    let place = Place::of(lab, &run, order)?;
    if let Place::NotNeeded { instead_of } = &place {
        return not_needed(lab, plan, order, instead_of);
    }
    if !place.is_declared() && has_all(lab, &run, &place) {
        return Ok(tell(order, plan, "already accepted"));
    }
    if !order.yes && !asked(&format!("accept this as {}?", place.told()))? {
        return Ok(tell(order, plan, "left as it was"));
    }
    let path = keep(lab, &run, place.name(), place.reason())?;
    place.tidy(lab);
    Ok(tell(order, plan, &format!("accepted: {}", path.display())))
}

fn refused(lab: &Lab, run: &Run, order: &Order) -> u8 {
    if order.json {
        report::say_whole(lab, run);
    }
    match &run.verdict {
        Verdict::Inconclusive(why) => eprintln!("not accepted: {why}"),
        _ => eprintln!("not accepted: only a run whose claims hold is kept"),
    }
    run.verdict.exit_code()
}

/// The book's trace is this kernel's as well: what was kept for its series
/// goes.
fn not_needed(lab: &Lab, plan: &Plan, order: &Order, name: &str) -> Result<u8> {
    let files = crate::check::files(lab, name);
    let own = format!("the same as {}.snap: no variant is needed", plan.name);
    if files.is_empty() {
        return Ok(tell(order, plan, &own));
    }
    if !order.yes && !asked(&format!("{own}; remove {name}?"))? {
        return Ok(tell(order, plan, "left as it was"));
    }
    for file in files {
        std::fs::remove_file(file)?;
    }
    Ok(tell(order, plan, &format!("{own}; removed: {name}")))
}

/// Whether this run's text is what is kept under the name. A snapshot without
/// its capture can't be checked again; and what is drawn of it must be what is
/// drawn today.
fn has_all(lab: &Lab, run: &Run, place: &Place) -> bool {
    let name = place.name();
    let kept = kept_figures(lab, name);
    let judged = kept::judged(lab, &run.plan, name, &Turned::default());
    place.is_kept(lab, &run.text)
        && judged.is_ok_and(|again| {
            again.figures == kept && given(&again) == kept_ladder(lab, name)
        })
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

fn asked(question: &str) -> Result<bool> {
    let answer = answer(&format!("{question} [y/N] "), "say --yes")?;
    Ok(matches!(answer.as_str(), "y" | "Y" | "yes"))
}

/// What the person at the terminal says.
fn answer(question: &str, instead: &str) -> Result<String> {
    if !std::io::stdin().is_terminal() {
        bail!("nobody to ask: {question}{instead}");
    }
    eprint!("{question}");
    std::io::stderr().flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(answer.trim().into())
}

//! `lab-runner appeal`: a mark that somebody doubts -> what was recorded, what
//! the rules say of it today, a right answer's run beside it, and new runs.

mod json;
mod text;

use anyhow::{Result, bail};

use super::doctor::unfit;
use super::grade::UNFIT;
use crate::cli::AppealArgs;
use crate::discover::Project;
use crate::grade::appeal::{Appealed, Class, Order, appeal as appealed};
use crate::report::{columns, progress_done, save_pcaps, say};

pub(crate) fn appeal(project: &Project, args: &AppealArgs) -> Result<u8> {
    let class = Class::read(&args.results)?;
    if args.offline && args.again > 0 {
        bail!("--again runs the answer: it can't be had --offline");
    }
    let offline = match args.offline {
        true => Some("not asked for: --offline".into()),
        false => unfit().map(|why| format!("nothing can run here: {why}")),
    };
    if let (Some(why), 1..) = (&offline, args.again) {
        eprintln!("error: {why}");
        return Ok(UNFIT);
    }
    let order = Order {
        class: &class,
        student: &args.student,
        exercise: args.exercise.as_deref(),
        again: args.again,
        offline,
    };
    let all = appealed(project, &order)?;
    progress_done();
    for (n, one) in all.iter().enumerate() {
        if n > 0 && !args.json {
            say("\n\n");
        }
        let saved = match (&args.pcap, &one.kept) {
            (Some(dir), Ok((run, _))) => {
                Some(save_pcaps(&one.found.lab, run, dir)?)
            }
            _ => None,
        };
        match args.json {
            true => say(&format!("{}\n", json::object(&order, one, saved))),
            false => say(&text::told(&order, one, saved, columns())),
        }
    }
    Ok(code(&all))
}

/// What speaks against a mark is said before what could not be judged.
fn code(all: &[Appealed]) -> u8 {
    let codes: Vec<u8> = all.iter().map(Appealed::exit_code).collect();
    match codes.contains(&1) {
        true => 1,
        false => codes.into_iter().max().unwrap_or(2),
    }
}

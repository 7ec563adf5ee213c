//! A task's run -> what is printed of it, and what it leaves on the disk.

use anyhow::Result;

use super::Task;
use crate::check::{self, Verdict};
use crate::cli::RunArgs;
use crate::report::{self, Detail};
use crate::run::Run;

/// How much is printed, and in which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// A line for each as it ends; those that failed in full.
    Brief,
    /// Each in full, in the order of the chapter.
    Whole,
    /// Of many repeats only those that failed, as they end.
    Repeated,
    /// An object for each as it ends.
    Json,
}

impl Manner {
    pub(super) fn of(args: &RunArgs, everything: bool) -> Manner {
        match args {
            args if args.json => Manner::Json,
            args if args.repeat > 1 => Manner::Repeated,
            args if everything && !args.verbose => Manner::Brief,
            _ => Manner::Whole,
        }
    }
}

/// What is to be printed of a run.
pub(super) struct Shown {
    pub(super) out: String,
    pub(super) err: String,
    /// Its packets were to be saved, and could not be.
    pub(super) unsaved: bool,
}

/// Saves what is to be saved of a run, and writes it down: as JSON, which can
/// be long, at once.
pub(super) fn show(
    task: &Task,
    result: &Result<Run>,
    args: &RunArgs,
    manner: Manner,
) -> Shown {
    let mut shown =
        Shown { out: String::new(), err: String::new(), unsaved: false };
    match result {
        Ok(run) => {
            save(task, run, args, &mut shown);
            propose(task, run, &mut shown);
            if manner == Manner::Json {
                report::progress_done();
                report::say_whole(task.lab, run);
            } else {
                shown.out = text(task, run, args, manner);
            }
        }
        Err(error) if manner == Manner::Json => {
            let lab = &task.lab.described.name;
            let why = format!("{error:#}");
            let json = report::could_not_run_json(lab, &task.plan.name, &why);
            shown.out = format!("{json}\n");
        }
        Err(error) => shown.err += &could_not_run(&task.name, error),
    }
    shown
}

fn text(task: &Task, run: &Run, args: &RunArgs, manner: Manner) -> String {
    let good = matches!(run.verdict, Verdict::Pass);
    match manner {
        Manner::Brief if good => report::one_line(&task.name, run),
        Manner::Repeated if good || run.verdict == Verdict::New => {
            String::new()
        }
        _ => {
            let columns = report::columns();
            let detail = Detail { verbose: args.verbose, columns };
            report::report(task.lab, run, detail) + "\n"
        }
    }
}

fn save(task: &Task, run: &Run, args: &RunArgs, shown: &mut Shown) {
    let Some(dir) = &args.pcap else { return };
    match report::save_pcaps(task.lab, run, dir) {
        Ok(path) => shown.err += &format!("packets: {}\n", path.display()),
        Err(error) => {
            let words = report::harmless(&format!("{error:#}"));
            shown.err += &format!("error: {words}\n");
            shown.unsaved = true;
        }
    }
}

/// Leaves what was seen for `cargo insta review`; never in CI.
fn propose(task: &Task, run: &Run, shown: &mut Shown) {
    let proposed = [Verdict::Differs, Verdict::New].contains(&run.verdict);
    let ours = task.lab.is_ours();
    if !proposed || !ours || std::env::var_os("CI").is_some() {
        return;
    }
    shown.err += &match check::propose(task.lab, run) {
        Ok(path) => format!("wrote {}\n", path.display()),
        Err(error) => format!("could not leave a .snap.new: {error:#}\n"),
    };
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

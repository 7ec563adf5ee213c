//! Runs the labs: Lab -> Network -> Frames -> Trace -> Verdict -> report.
//!
//! In the order in which a run passes through them:
//!
//! - `discover`   labs/ch* -> Lab, built by cargo, described by itself
//! - `stage`      Job -> Outcome, in namespaces; the only privileged code:
//!   - `topology` Plan -> Network: namespaces, links, knobs, read back
//!   - `stage::capture`, `stage::wire`, `stage::player`
//!   - `kernel`   counters and sockets, before and after
//! - `ask`        questions to a lab's program, with patience
//! - `lab_trace`  Frames, Notes -> Evidence: from here on pure functions
//! - `check`      Evidence -> Verdict: the lab's judge, then the snapshot
//! - `report`     Verdict -> terminal or JSON
//! - `live`       all of it, as it happens
//!
//! And beside it `handout`: the project -> what students get; `explain`:
//! anybody's capture -> what is wrong in it.
//!
//! [`run::run`] is that pipeline.

mod ask;
mod check;
mod cli;
mod cmd;
mod discover;
mod exercise;
mod explain;
#[cfg(any(test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
mod grade;
mod handout;
mod kept;
mod kernel;
mod knobs;
mod live;
mod report;
mod run;
mod stage;
mod topology;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use cli::{Author, ChapterArgs, Command};
use discover::Project;

/// Parses, calls, and turns the result into an exit code: 0 pass, 1 a claim
/// or snapshot failed, 2 could not run. A program that is given away knows the
/// commit that it was built of.
pub fn main(commit: Option<&str>) -> ExitCode {
    let first = std::env::args().nth(1);
    if first.as_deref() == Some(lab_box::ARGUMENT) {
        return lab_box::warden();
    }
    let result = match first.as_deref() {
        Some(cmd::PROBE) => cmd::probe(),
        _ => command(commit),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            report::progress_done();
            let words = report::harmless(&format!("{error:#}"));
            eprintln!("error: {words}");
            ExitCode::from(2)
        }
    }
}

fn command(commit: Option<&str>) -> Result<u8> {
    let cli = cli::parse(commit);
    if let Command::Doctor { json, quiet } = cli.command {
        return cmd::doctor(json, quiet);
    }
    if let Command::Merge(args) = &cli.command {
        return cmd::merge(args);
    }
    if let Command::Explain(args) = &cli.command {
        return cmd::explain(args);
    }
    // First: what is forked here should be small and have one thread.
    if cli.command.runs() {
        stage::open_nursery()?;
    }
    let project = Project::find()?;
    match cli.command {
        Command::List { chapter, json } => {
            cmd::list(&project, chapter.as_deref(), json)
        }
        Command::All(args) => cmd::all(&project, &args),
        Command::Accept {
            chapter,
            experiment,
            variant,
            reason,
            main,
            yes,
            json,
        } => {
            let order = cmd::Order {
                chapter: &chapter,
                experiment: experiment.as_deref(),
                variant: variant.as_deref(),
                reason: reason.as_deref(),
                main,
                yes,
                json,
            };
            cmd::accept(&project, &order)
        }
        Command::Recheck { chapter, json } => {
            cmd::recheck(&project, chapter.as_deref(), json)
        }
        Command::Exercise(command) => cmd::exercise(&project, &command),
        Command::Grade(args) => cmd::grade(&project, &args),
        Command::Appeal(args) => cmd::appeal(&project, &args),
        Command::Author(Author::SampleClass { dir }) => {
            cmd::sample_class(&project, &dir)
        }
        Command::Author(Author::New { lab, experiment }) => {
            cmd::new(&project, &lab, experiment.as_deref())
        }
        Command::Author(Author::Check { chapter, no_run, json }) => {
            cmd::check(&project, chapter.as_deref(), !no_run, json)
        }
        Command::Handout(args) => cmd::handout(&project, &args),
        Command::Book { arguments } => cmd::book(&project, &arguments),
        Command::Chapter(words) => match ChapterArgs::try_parse_from(words) {
            Ok(args) if args.events => Ok(cmd::events(&project, &args)),
            Ok(args) => cmd::chapter(&project, &args),
            Err(error) => error.exit(),
        },
        Command::Doctor { json, quiet } => cmd::doctor(json, quiet),
        Command::Merge(args) => cmd::merge(&args),
        Command::Explain(args) => cmd::explain(&args),
    }
}

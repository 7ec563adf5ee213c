//! `exercise check`: the learner's file -> a program -> a judged run.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use lab_box::Cgroup;
use lab_kit::Kind;
use serde_json::json;

use crate::check::Verdict;
use crate::cli::CheckArgs;
use crate::discover::Project;
use crate::exercise::{
    Answer, Found, Progress, Source, attempt, boxed, build, explain, find,
    first_broken, form, points,
};
use crate::report::{self, Detail, VERSION, say};
use crate::run::Run;

pub(super) fn check(project: &Project, args: &CheckArgs) -> Result<u8> {
    let found = find(project, &args.name)?;
    let answer = match found.task.kind {
        Kind::Make => program(project, &found, args)?,
        _ if args.exec.is_empty() => own_form(project, &found)?,
        _ => bail!("{} is answered by a file", found.name()),
    };
    report::progress_done();
    match answer {
        Ok(answer) => judged(project, &found, answer, args),
        Err(errors) => is_no_answer(&found, &errors, args.json),
    }
}

fn program(
    project: &Project,
    found: &Found,
    args: &CheckArgs,
) -> Result<std::result::Result<Answer, String>> {
    let command = match args.exec.is_empty() {
        true => match own_program(project, found)? {
            Ok(program) => vec![program],
            Err(errors) => return Ok(Err(errors)),
        },
        false => args.exec.clone(),
    };
    let program = match args.boxed {
        true => boxed(&command, &found.task.plan, Cgroup::Auto)?,
        false => command.into(),
    };
    Ok(Ok(Answer::Program(program)))
}

/// What stands in the learner's form, or what is wrong with it.
fn own_form(
    project: &Project,
    found: &Found,
) -> Result<std::result::Result<Answer, String>> {
    let file = own_file(project, found)?;
    let text = fs::read_to_string(&file)
        .with_context(|| format!("read {}", file.display()))?;
    Ok(form::read(&found.task, &text).map(Answer::Said))
}

fn own_file(project: &Project, found: &Found) -> Result<PathBuf> {
    let file = found.answer(project);
    if !file.is_file() {
        bail!(
            "{} is not there: `{} exercise start {}` makes it",
            file.display(),
            report::me(),
            found.name()
        );
    }
    Ok(file)
}

/// What the learner's file is built to, or what the compiler says of it.
fn own_program(
    project: &Project,
    found: &Found,
) -> Result<std::result::Result<PathBuf, String>> {
    let file = own_file(project, found)?;
    report::progress(&format!("building {}", file.display()));
    let source = Source { package: found.slug(), file };
    let mut built = build(project, &[source])?;
    Ok(built.remove(0))
}

fn is_no_answer(found: &Found, errors: &str, as_json: bool) -> Result<u8> {
    let (verdict, words) = match found.task.kind {
        Kind::Make => ("does-not-compile", "it does not compile yet"),
        _ => ("is-no-answer", "it is not filled in right yet"),
    };
    match as_json {
        true => say(&format!(
            "{}\n",
            json!({
                "version": VERSION, "exercise": found.name(),
                "verdict": verdict, "points": 0,
                "of": found.task.points(), "why": [errors],
            })
        )),
        false => say(&format!("{errors}\n{words}\n")),
    }
    Ok(1)
}

pub(super) fn judged(
    project: &Project,
    found: &Found,
    answer: Answer,
    args: &CheckArgs,
) -> Result<u8> {
    let run = settled(found, &answer)?;
    report::progress_done();
    remember(project, found, &run)?;
    let detail = Detail { verbose: args.verbose, columns: report::columns() };
    match args.json {
        true => say(&format!("{}\n", object(found, &run))),
        false => say(&explain(found, &run, detail)),
    }
    Ok(run.verdict.exit_code())
}

/// How often an answer is run from which nothing follows, before that is said.
const TRIES: usize = 3;

fn settled(found: &Found, answer: &Answer) -> Result<Run> {
    let mut said = String::new();
    for _ in 1..TRIES {
        report::progress(&format!("running {}{said}", found.name()));
        let run = attempt(found, answer.clone())?;
        match &run.verdict {
            Verdict::Inconclusive(why) => said = format!(" again: {why}"),
            _ => return Ok(run),
        }
    }
    report::progress(&format!("running {}{said}", found.name()));
    attempt(found, answer.clone())
}

fn object(found: &Found, run: &Run) -> serde_json::Value {
    let rules = found.task.rules.iter().zip(&run.findings);
    let rules: Vec<_> = rules
        .map(|(rule, finding)| {
            json!({
                "rule": rule.claim, "points": rule.points,
                "holds": finding.holds, "wanted": finding.wanted,
                "saw": finding.saw,
            })
        })
        .collect();
    let why: Vec<&String> = match &run.verdict {
        Verdict::Inconclusive(why) => vec![why],
        _ => Vec::new(),
    };
    json!({
        "version": VERSION, "exercise": found.name(),
        "verdict": run.verdict.name(), "points": points(found, run), "why": why,
        "of": found.task.points(), "rules": rules,
        "answers": run.notes.answers, "kernel": run.notes.seen.kernel,
    })
}

/// Nothing is remembered of a run from which nothing follows.
fn remember(project: &Project, found: &Found, run: &Run) -> Result<()> {
    if matches!(run.verdict, Verdict::Inconclusive(_)) {
        return Ok(());
    }
    let mut progress = Progress::open(project)?;
    let name = found.name();
    let mut state = progress.of(&name);
    let broken = first_broken(run);
    let broken = broken.map(|n| found.task.rules[n].claim.clone());
    if broken != state.broken {
        state.hints = 0;
    }
    state.best = state.best.max(points(found, run));
    state.passed |= broken.is_none();
    state.broken = broken;
    progress.keep(&name, state)
}

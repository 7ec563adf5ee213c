//! Exercises -> what they lack: files, and answers that end as they should:
//! the starter and each wrong answer break the rule that is named, the solution
//! passes twice.

use std::fs;

use anyhow::{Context, Result};
use lab_kit::Kind;

use super::lacks::Lack;
use crate::check::{Verdict, kept_ladder};
use crate::discover::Project;
use crate::exercise::{
    Answer, Found, Source, all, attempt, build, first_broken, form,
};
use crate::report;
use crate::run::{Turned, run};

/// An answer of ours, and how it must end.
struct Ours<'a> {
    found: &'a Found,
    /// `starter`, `solution`, `wrong/nodelay`
    name: String,
    /// The rule that it breaks first; none: it passes.
    breaks: Option<&'a str>,
}

/// Everything that exercises lack; with `run`, their answers are run too.
pub(super) fn lacks(
    project: &Project,
    chapter: Option<&str>,
    run: bool,
) -> Result<Vec<Lack>> {
    let exercises = all(project, chapter)?;
    let mut lacks: Vec<Lack> = exercises.iter().flat_map(files).collect();
    if run && lacks.is_empty() {
        lacks.extend(recoveries(&exercises)?);
        let ours: Vec<Ours> = exercises.iter().flat_map(answers).collect();
        lacks.extend(wrong_ends(project, &ours)?);
    }
    Ok(lacks)
}

/// Sick systems that are no longer as they were accepted.
fn recoveries(exercises: &[Found]) -> Result<Vec<Lack>> {
    let mut lacks = Vec::new();
    let sick = exercises.iter().filter(|f| f.task.kind == Kind::Diagnose);
    for found in sick {
        report::progress(&format!("{} again", found.name()));
        let again = run(&found.lab, &found.task.plan, &Turned::default())?;
        if again.verdict.exit_code() == 1 {
            lacks.push(Lack {
                of: found.name(),
                what: "the trace that was accepted".into(),
                remedy: format!(
                    "{}: `./run accept {} {}` shows it",
                    again.verdict.name(),
                    found.lab.described.name,
                    found.task.plan.name
                ),
                is_doubt: false,
            });
        }
    }
    report::progress_done();
    Ok(lacks)
}

fn answers(found: &Found) -> Vec<Ours<'_>> {
    let task = &found.task;
    let answer = |name: &str, breaks| Ours { found, name: name.into(), breaks };
    let mut all = vec![
        answer("starter", Some(task.starter_breaks.as_str())),
        answer("solution", None),
        answer("solution", None),
    ];
    all.extend(task.wrong.iter().map(|wrong| {
        answer(&format!("wrong/{}", wrong.name), Some(wrong.breaks.as_str()))
    }));
    all
}

fn files(found: &Found) -> Vec<Lack> {
    let read = |name: &str| fs::read_to_string(found.file(name));
    let mut all = Vec::new();
    let mut lack = |what: String, remedy: &str| {
        let (of, remedy) = (found.name(), remedy.to_string());
        all.push(Lack { of, what, remedy, is_doubt: false });
    };
    if !read("task.md").is_ok_and(|text| text.starts_with("# ")) {
        lack("its task.md".into(), "a heading, then what is to be done");
    }
    let plan = &found.task.plan;
    let sick = found.task.kind == Kind::Diagnose;
    if sick && kept_ladder(&found.lab, &plan.name).is_none() {
        let lab = &found.lab.described.name;
        let accept = format!("./run accept {lab} {}", plan.name);
        lack("the accepted trace of its sick system".into(), &accept);
    }
    for ours in answers(found).iter().filter(|ours| ours.is_a_file()) {
        let name = ours.file_name();
        if !found.file(&name).is_file() {
            lack(format!("its {name}"), "every answer that it names is a file");
        }
    }
    if read("starter.rs").is_ok_and(|text| !text.contains("TODO")) {
        lack("a TODO in starter.rs".into(), "say where to begin");
    }
    if found.task.wrong.len() < 2 {
        lack("two wrong answers".into(), "Exercise::wrong(NAME, RULE)");
    }
    all
}

impl Ours<'_> {
    /// The starter of a form is the form with nothing filled in.
    fn is_a_file(&self) -> bool {
        self.name != "starter" || self.found.task.kind == Kind::Make
    }

    fn file_name(&self) -> String {
        format!("{}.{}", self.name, self.found.task.ending())
    }

    /// The form that it is, filled in.
    fn said(&self) -> Result<std::result::Result<Answer, String>> {
        let text = match self.is_a_file() {
            true => fs::read_to_string(self.found.file(&self.file_name()))?,
            false => self.found.task.blank(),
        };
        Ok(form::read(&self.found.task, &text).map(Answer::Said))
    }
}

fn wrong_ends(project: &Project, ours: &[Ours]) -> Result<Vec<Lack>> {
    let is_program = |ours: &&Ours| ours.found.task.kind == Kind::Make;
    let sources: Vec<Source> =
        ours.iter().filter(is_program).map(source).collect();
    report::progress("building the answers");
    let mut built = build(project, &sources)?.into_iter();
    let mut lacks = Vec::new();
    for ours in ours {
        let answer = match is_program(&ours) {
            true => built
                .next()
                .context("an answer that was built")?
                .map(|program| Answer::Program(vec![program].into())),
            false => ours.said()?,
        };
        report::progress(&format!("{} {}", ours.found.name(), ours.name));
        let saw = match answer {
            Ok(answer) => end_of(ours.found, &answer)?,
            Err(errors) => format!("it can't be an answer:\n{errors}"),
        };
        let wanted = match ours.breaks {
            Some(rule) => format!("it breaks {rule:?}"),
            None => "it passes".into(),
        };
        if saw != wanted {
            lacks.push(Lack {
                of: ours.found.name(),
                what: format!("a right end of its {}", ours.name),
                remedy: format!("wanted: {wanted}; saw: {saw}"),
                is_doubt: false,
            });
        }
    }
    report::progress_done();
    Ok(lacks)
}

fn source(ours: &Ours) -> Source {
    let name = ours.name.replace('/', "-");
    Source {
        package: format!("{}-{name}", ours.found.slug()),
        file: ours.found.file(&ours.file_name()),
    }
}

/// How an answer ends, as it should be said; again if nothing follows from it.
fn end_of(found: &Found, answer: &Answer) -> Result<String> {
    let mut why = String::new();
    for _ in 0..5 {
        let run = attempt(found, answer.clone())?;
        match (&run.verdict, first_broken(&run)) {
            (Verdict::Inconclusive(reason), _) => why.clone_from(reason),
            (_, None) => return Ok("it passes".into()),
            (_, Some(n)) => {
                let rule = &found.task.rules[n].claim;
                return Ok(format!("it breaks {rule:?}"));
            }
        }
    }
    Ok(format!("five times inconclusive: {why}"))
}

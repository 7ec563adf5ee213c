//! `author check [CHAPTER]`: what labs lack -> a list, an exit code.

use std::fmt::Write;

use anyhow::{Result, bail};
use serde_json::json;

use super::exercises;
use super::kernels;
use super::lacks::{Lack, lacks};
use crate::discover::Project;
use crate::handout::mark;
use crate::report::{self, BAD, GOOD, VERSION, WARN, painted, say};

/// Says what labs and exercises lack; exit code 1 if they lack anything that
/// they need. With `run`, the exercises' own answers are run.
pub(crate) fn check(
    project: &Project,
    chapter: Option<&str>,
    run: bool,
    as_json: bool,
) -> Result<u8> {
    if mark(&project.root)?.is_some() {
        bail!(
            "{} was handed out: it lacks the solutions and the wrong answers \
             that this would run; look at the project that it was made of",
            project.root.display()
        );
    }
    let labs = project.labs(chapter)?;
    report::progress_done();
    let mut all: Vec<Lack> =
        labs.iter().flat_map(|lab| lacks(&project.root, lab)).collect();
    all.extend(labs.iter().flat_map(kernels::lacks));
    all.extend(exercises::lacks(project, chapter, run)?);
    let known: usize =
        labs.iter().map(|lab| lab.described.experiments.len()).sum();
    match as_json {
        true => all.iter().for_each(|lack| say(&object(lack))),
        false => say(&told(&all, known)),
    }
    Ok(u8::from(all.iter().any(|lack| !lack.is_doubt)))
}

fn object(lack: &Lack) -> String {
    let json = json!({
        "version": VERSION, "of": lack.of, "lacks": lack.what,
        "remedy": lack.remedy, "doubt": lack.is_doubt,
    });
    format!("{json}\n")
}

fn told(all: &[Lack], known: usize) -> String {
    let mut text = String::new();
    for lack in all {
        let lacks = match lack.is_doubt {
            true => painted(WARN, "could do with"),
            false => painted(BAD, "lacks"),
        };
        let (of, what, remedy) = (&lack.of, &lack.what, &lack.remedy);
        let _ = writeln!(text, "{of}  {lacks} {what}\n  {remedy}");
    }
    let doubts = all.iter().filter(|lack| lack.is_doubt).count();
    let missing = match all.len() - doubts {
        0 => painted(GOOD, "nothing is missing"),
        1 => painted(BAD, "1 thing is missing"),
        n => painted(BAD, &format!("{n} things are missing")),
    };
    let _ = writeln!(
        text,
        "{known} experiments: {missing}; {doubts} claims that no what-if breaks"
    );
    text
}

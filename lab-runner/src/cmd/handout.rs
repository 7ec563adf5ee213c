//! `lab-runner handout --out DIR`: what students get.

use std::fmt::Write;
use std::path::Path;

use anyhow::{Result, bail};
use serde_json::json;

use crate::cli::HandoutArgs;
use crate::discover::Project;
use crate::exercise::{Found, all, find};
use crate::handout::{Made, make, mark};
use crate::report::{self, VERSION, say};

/// Makes it, and says what is in it.
pub(crate) fn handout(project: &Project, args: &HandoutArgs) -> Result<u8> {
    if mark(&project.root)?.is_some() {
        bail!(
            "{} was handed out itself: a handout is made of the whole project",
            project.root.display()
        );
    }
    let exercises = chosen(project, args)?;
    report::progress(&format!("copying to {}", args.out.display()));
    let made = make(&project.root, &exercises, &args.out)?;
    report::progress_done();
    match args.json {
        true => say(&object(&exercises, &made)),
        false => say(&told(&exercises, &made, &args.out)),
    }
    Ok(0)
}

/// All exercises, or those that were named, each once and in their order.
fn chosen(project: &Project, args: &HandoutArgs) -> Result<Vec<Found>> {
    let mut exercises = all(project, None)?;
    if !args.chapter.is_empty() || !args.exercise.is_empty() {
        let mut wanted = Vec::new();
        for chapter in &args.chapter {
            let of = all(project, Some(chapter))?;
            if of.is_empty() {
                bail!("{chapter} has no exercise to hand out");
            }
            wanted.extend(of.iter().map(Found::name));
        }
        for name in &args.exercise {
            wanted.push(find(project, name)?.name());
        }
        exercises.retain(|found| wanted.contains(&found.name()));
    }
    if exercises.is_empty() {
        bail!("there is no exercise to hand out");
    }
    Ok(exercises)
}

fn object(exercises: &[Found], made: &Made) -> String {
    let names: Vec<String> = exercises.iter().map(Found::name).collect();
    let json = json!({
        "version": VERSION, "exercises": names, "files": made.files,
        "bytes": made.bytes,
    });
    format!("{json}\n")
}

fn told(exercises: &[Found], made: &Made, out: &Path) -> String {
    let mut text = String::new();
    for found in exercises {
        let _ = writeln!(text, "{}  {}", found.name(), found.task.title);
    }
    let shown = out.display();
    let megabytes = made.bytes as f64 / 1e6;
    let exercises = match exercises.len() {
        1 => "1 exercise".into(),
        n => format!("{n} exercises"),
    };
    let _ = writeln!(
        text,
        "\n{shown}: {exercises}, {} files, {megabytes:.1} MB; no solutions, \
         no wrong answers\ntry it:  cd {shown} && ./run exercise list",
        made.files,
    );
    text
}

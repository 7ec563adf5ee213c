//! `exercise start`, `reset`, `solution`: the learner's own file.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lab_kit::Kind;

use crate::check::write_whole;
use crate::discover::Project;
use crate::exercise::{Found, Progress, find, manifest, sick};
use crate::handout::mark;
use crate::report::{self, me, progress_done, say};

/// Copies the starter, and shows the task.
pub(super) fn start(project: &Project, name: &str) -> Result<u8> {
    let found = find(project, name)?;
    progress_done();
    let answer = found.answer(project);
    if answer.exists() {
        bail!(
            "{} is there already: go on with it, or `{} exercise reset {}`",
            answer.display(),
            me(),
            found.name()
        );
    }
    put_starter(&found, &answer)?;
    let task = read(&found.file("task.md"))?;
    let given = match found.task.kind {
        Kind::Diagnose => give(project, &found)?,
        Kind::Make | Kind::Predict => String::new(),
    };
    say(&format!(
        "{}\n{given}\nedit:   {}\ncheck:  {3} exercise check {2}\n        \
         {3} exercise watch {2}   (each time you save)\n",
        task.trim(),
        answer.display(),
        found.name(),
        me()
    ));
    Ok(0)
}

/// Lays the evidence of a sick system beside the form: the capture for
/// Wireshark, the rest as text.
fn give(project: &Project, found: &Found) -> Result<String> {
    let run = sick(found)?;
    let folder = found.folder(project);
    let capture = report::save_pcaps(&found.lab, &run, &folder)?;
    let text = report::evidence(&run, report::columns());
    let beside = folder.join("evidence.txt");
    let plain = anstream::adapter::strip_str(&text).to_string();
    write_whole(&beside, plain.as_bytes())?;
    Ok(format!(
        "\n{text}\nthe same: {}\ncapture:  {}\n",
        beside.display(),
        capture.display()
    ))
}

fn put_starter(found: &Found, answer: &Path) -> Result<()> {
    let folder = answer.parent().context("answers/NAME/src")?;
    fs::create_dir_all(folder)
        .with_context(|| format!("make {}", folder.display()))?;
    if found.task.kind != Kind::Make {
        return write_whole(answer, found.task.blank().as_bytes());
    }
    let above = folder.parent().context("answers/NAME")?;
    let manifest = manifest(&found.slug());
    write_whole(&above.join("Cargo.toml"), manifest.as_bytes())?;
    write_whole(answer, read(&found.file("starter.rs"))?.as_bytes())
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("read {}", path.display()))
}

/// Puts the starter back; nothing of the learner's is lost.
pub(super) fn reset(project: &Project, name: &str) -> Result<u8> {
    let found = find(project, name)?;
    progress_done();
    let answer = found.answer(project);
    let mut kept = String::new();
    if answer.exists() {
        let aside = free_name(&answer);
        fs::rename(&answer, &aside)
            .with_context(|| format!("move {}", answer.display()))?;
        kept = format!("yours is now {}\n", aside.display());
    }
    put_starter(&found, &answer)?;
    say(&format!("{kept}the starter is back: {}\n", answer.display()));
    Ok(0)
}

/// `main.rs.1`, or the next that is free.
fn free_name(path: &Path) -> PathBuf {
    let name = |n: u32| PathBuf::from(format!("{}.{n}", path.display()));
    let mut names = (1..).map(name);
    names.find(|path| !path.exists()).unwrap_or_else(|| name(0))
}

/// Shows one way to do it, after a pass or if told to.
pub(super) fn solution(
    project: &Project,
    name: &str,
    spoil: bool,
) -> Result<u8> {
    let found = find(project, name)?;
    progress_done();
    if mark(&project.root)?.is_some() {
        bail!("this was handed out without solutions: your teacher has them");
    }
    let passed = Progress::open(project)?.of(&found.name()).passed;
    if !passed && !spoil {
        bail!(
            "{} is not passed yet: its hints first (`{1} exercise hint \
             {0}`), or --spoil",
            found.name(),
            me()
        );
    }
    say(&read(&found.solution())?);
    Ok(0)
}

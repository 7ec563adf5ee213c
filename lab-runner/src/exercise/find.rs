//! A name -> the exercise that it means, and where its files are.

use std::path::PathBuf;

use anyhow::{Result, bail};
use lab_kit::names::nearest;
use lab_kit::{Kind, Task};

use crate::discover::{Lab, Project};
use crate::handout::mark;

/// An exercise of a lab.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) lab: Lab,
    pub(crate) task: Task,
}

impl Found {
    /// `ch05/no-stall`: the key of everything that is kept about it.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.lab.described.name, self.task.plan.name)
    }

    /// `ch05-no-stall`, for folders and packages.
    pub(crate) fn slug(&self) -> String {
        format!("{}-{}", self.lab.described.name, self.task.plan.name)
    }

    /// A file of the exercise: `starter.rs`, `task.md`.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.lab.dir.join("exercises").join(&self.task.plan.name).join(name)
    }

    /// Its solution: an author's file, and a student's when there is one.
    pub(crate) fn solution(&self) -> PathBuf {
        self.file(&format!("solution.{}", self.task.ending()))
    }

    /// The learner's own folder.
    pub(crate) fn folder(&self, project: &Project) -> PathBuf {
        project.answers().join(self.slug())
    }

    /// The learner's own file.
    pub(crate) fn answer(&self, project: &Project) -> PathBuf {
        let folder = self.folder(project);
        match self.task.kind {
            Kind::Make => folder.join("src/main.rs"),
            Kind::Diagnose | Kind::Predict => folder.join("answer.toml"),
        }
    }
}

/// Every exercise, in the chapters' order.
pub(crate) fn all(
    project: &Project,
    chapter: Option<&str>,
) -> Result<Vec<Found>> {
    let labs = project.labs(chapter)?;
    let exercises = labs.into_iter().flat_map(|lab| {
        let tasks = lab.described.exercises.clone();
        tasks.into_iter().map(move |task| Found { lab: lab.clone(), task })
    });
    let handed_out = mark(&project.root)?;
    let is_there = |found: &Found| match &handed_out {
        Some(mark) => mark.exercises.contains(&found.name()),
        None => true,
    };
    Ok(exercises.filter(is_there).collect())
}

/// The exercise that is called `ch05/no-stall`, or `no-stall`.
pub(crate) fn find(project: &Project, name: &str) -> Result<Found> {
    let (chapter, own) = match name.split_once('/') {
        Some((chapter, own)) => (Some(chapter.to_string()), own),
        None => (chapter_of(project, name)?, name),
    };
    let mut known = all(project, chapter.as_deref())?;
    match known.iter().position(|found| found.task.plan.name == own) {
        Some(n) => Ok(known.swap_remove(n)),
        None => {
            let names = known.iter().map(|f| f.task.plan.name.as_str());
            bail!("no exercise is called {own:?}; {}", nearest(own, names))
        }
    }
}

/// The chapter that has a folder for this exercise, so that the others need not
/// be built; none, if a list of all will have to help.
fn chapter_of(project: &Project, own: &str) -> Result<Option<String>> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if own.is_empty() || !own.chars().all(is_name) {
        return Ok(None);
    }
    let mut having = project.chapters_with(&format!("exercises/{own}"))?;
    match having.len() {
        0 | 1 => Ok(having.pop()),
        _ => bail!(
            "{own:?} is in several chapters: which of {}? Say chNN/{own}",
            having.join(", ")
        ),
    }
}

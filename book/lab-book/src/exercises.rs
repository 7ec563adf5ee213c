//! A lab's exercises -> pages that nobody writes: each is a sub-chapter of the
//! page that says `{{#exercises chNN}}`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lab_kit::{Described, Kind, Task};

use crate::directive::Directive;
use crate::expand::{Page, Part};
use crate::labs::{Found, Library};
use crate::problem::Problem;
use crate::render;

/// A page made of an exercise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaf {
    /// Its title.
    pub title: String,
    /// Its file, as if there were one: `exercises/ch05-no-stall.md`.
    pub file: PathBuf,
    /// Its Markdown.
    pub text: String,
}

/// One exercise of a lab.
pub(crate) struct Exercise<'a> {
    pub(crate) library: &'a Library,
    pub(crate) lab: &'a Described,
    pub(crate) task: &'a Task,
    /// Its plan, with all that is kept of it.
    pub(crate) found: Found<'a>,
}

/// In the workspace that students get; it lacks the exercises that weren't
/// handed out.
const HANDOUT: &str = "handout.json";

impl Library {
    /// The exercises of a lab, from easy to hard.
    pub(crate) fn exercises(
        &self,
        lab: &str,
    ) -> Result<Vec<Exercise<'_>>, String> {
        let described = self.lab(lab)?;
        let all = described.exercises.iter().map(|task| {
            let found = self.found(lab, &task.plan)?;
            Ok(Exercise { library: self, lab: described, task, found })
        });
        let all = all.collect::<Result<Vec<_>, String>>()?;
        let is_there = |exercise: &Exercise| {
            !self.is_handout() || self.root.join(exercise.folder()).is_dir()
        };
        Ok(all.into_iter().filter(is_there).collect())
    }
}

impl Library {
    /// Whether this is what students get.
    pub(crate) fn is_handout(&self) -> bool {
        self.root.join(HANDOUT).is_file()
    }
}

impl Exercise<'_> {
    fn folder(&self) -> String {
        format!("{}/exercises/{}", self.found.lab(), self.task.plan.name)
    }

    /// `ch05/no-stall`, as every command takes it.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.lab.name, self.task.plan.name)
    }

    /// `ch05-no-stall`, for files.
    pub(crate) fn slug(&self) -> String {
        format!("{}-{}", self.lab.name, self.task.plan.name)
    }

    /// Its page, as pages beside the chapters link to it.
    pub(crate) fn page(&self) -> String {
        format!("exercises/{}.html", self.slug())
    }

    /// The file that the learner changes.
    pub(crate) fn answer(&self) -> String {
        match self.task.kind {
            Kind::Make => format!("answers/{}/src/main.rs", self.slug()),
            _ => format!("answers/{}/answer.toml", self.slug()),
        }
    }

    /// What is to be done, in a word or three.
    pub(crate) fn kind(&self) -> &'static str {
        match self.task.kind {
            Kind::Make => "make it so",
            Kind::Diagnose => "diagnose",
            Kind::Predict => "predict",
        }
    }

    /// The text of one of its files.
    pub(crate) fn read(&self, name: &str) -> Result<String, String> {
        let path = format!("{}/{name}", self.folder());
        std::fs::read_to_string(self.library.root.join(&path))
            .map_err(|e| format!("{path}: {e}"))
    }

    fn leaf(&self, place: (usize, usize)) -> Result<Leaf, String> {
        Ok(Leaf {
            title: self.task.title.clone(),
            file: PathBuf::from(format!("exercises/{}.md", self.slug())),
            text: render::exercise(self, place)?,
        })
    }
}

/// The pages of the exercises that a page lists.
pub(crate) fn leaves(
    page: &Page,
    parts: &[Part],
    library: &Library,
    problems: &mut Vec<Problem>,
) -> Vec<Leaf> {
    let mut leaves = Vec::new();
    for part in parts {
        let Part::Directive(line, Directive::Exercises(Some(lab))) = part
        else {
            continue;
        };
        // Drawing the directive itself says what is wrong with the lab.
        let all = library.exercises(lab).unwrap_or_default();
        for (n, exercise) in all.iter().enumerate() {
            match exercise.leaf((n + 1, all.len())) {
                Ok(leaf) => leaves.push(leaf),
                Err(what) => {
                    let (file, line) = (page.file.clone(), *line);
                    problems.push(Problem { file, line, what });
                }
            }
        }
    }
    leaves
}

/// An exercise has one page: its lab's are listed once, beside `all`.
pub(crate) fn listed_twice(
    pages: &[Page],
    read: &[Vec<Part>],
    problems: &mut Vec<Problem>,
) {
    let mut seen: BTreeMap<&str, &Path> = BTreeMap::new();
    for (page, parts) in pages.iter().zip(read) {
        for part in parts {
            let Part::Directive(line, Directive::Exercises(Some(lab))) = part
            else {
                continue;
            };
            if let Some(first) = seen.insert(lab, &page.file) {
                let first = first.display();
                let what = format!("{first} lists the exercises of {lab}");
                let file = page.file.clone();
                problems.push(Problem { file, line: *line, what });
            }
        }
    }
}

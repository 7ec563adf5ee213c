//! A chapter's lab: its name, its experiments -> the JSON that describes it.

use serde::{Deserialize, Serialize};

use crate::exercise::{Exercise, Task};
use crate::experiment::{Experiment, Plan};
use crate::protocol::FORMAT;

/// A chapter's lab: a program that describes itself and plays its hosts.
pub struct Lab {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) experiments: Vec<Experiment>,
    pub(crate) exercises: Vec<Exercise>,
}

impl Lab {
    /// A lab named as its chapter (`"ch05"`), with the chapter's title.
    pub fn new(name: &str, title: &str) -> Self {
        Lab {
            name: name.into(),
            title: title.into(),
            experiments: Vec::new(),
            exercises: Vec::new(),
        }
    }

    /// Adds one experiment.
    pub fn experiment(mut self, experiment: Experiment) -> Self {
        self.experiments.push(experiment);
        self
    }

    /// Adds a family of experiments that share their source file.
    pub fn experiments(
        mut self,
        family: impl IntoIterator<Item = Experiment>,
    ) -> Self {
        self.experiments.extend(family);
        self
    }

    /// Adds one exercise.
    pub fn exercise(mut self, exercise: Exercise) -> Self {
        self.exercises.push(exercise);
        self
    }

    /// What `describe` prints: everything about the lab but its code.
    pub fn describe(&self) -> Described {
        Described {
            format: FORMAT,
            name: self.name.clone(),
            title: self.title.clone(),
            experiments: self
                .experiments
                .iter()
                .map(|e| e.plan().clone())
                .collect(),
            exercises: self
                .exercises
                .iter()
                .map(|e| e.task().clone())
                .collect(),
        }
    }
}

/// A lab as JSON: the contract between a lab and `lab-runner`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Described {
    /// Version of the contract, [`FORMAT`]; a runner refuses a newer one.
    pub format: u32,
    /// The lab's name, `ch05`.
    pub name: String,
    /// The chapter's title.
    pub title: String,
    /// Its experiments, in the order of the chapter.
    pub experiments: Vec<Plan>,
    /// Its exercises, from easy to hard.
    #[serde(default)]
    pub exercises: Vec<Task>,
}

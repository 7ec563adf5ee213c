//! A chapter's lab: its name, its experiments -> the JSON that describes it.

use serde::{Deserialize, Serialize};

use crate::exercise::{Exercise, Task};
use crate::experiment::Experiment;
use crate::folklore::Truth;
use crate::plan::Plan;
use crate::protocol::FORMAT;

/// A chapter's lab: a program that describes itself and plays its hosts.
pub struct Lab {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) experiments: Vec<Experiment>,
    pub(crate) exercises: Vec<Exercise>,
    /// What is wrong with the lab itself.
    pub(crate) faults: Vec<String>,
}

/// Experiment, verdict, what people say, the claim that shows how it is, and
/// what is so instead (or nothing).
pub type SayingRow =
    (&'static str, Truth, &'static str, &'static str, &'static str);

impl Lab {
    /// A lab named as its chapter (`"ch05"`), with the chapter's title.
    pub fn new(name: &str, title: &str) -> Self {
        Lab {
            name: name.into(),
            title: title.into(),
            experiments: Vec::new(),
            exercises: Vec::new(),
            faults: Vec::new(),
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

    /// Adds what people say about experiments that are there already: for
    /// labs whose sayings would not fit beside the claims.
    pub fn sayings(mut self, rows: &[SayingRow]) -> Self {
        for (name, truth, saying, claim, note) in rows {
            let mut all = self.experiments.iter_mut();
            match all.find(|e| e.plan().name == *name) {
                Some(experiment) => {
                    let note = (!note.is_empty()).then(|| note.to_string());
                    experiment.say(saying, *truth, claim, note);
                }
                None => self.faults.push(format!(
                    "{saying:?} is said of {name:?}, no experiment of ours"
                )),
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Finding;

    #[test]
    fn sayings_find_their_experiment_or_are_a_fault() {
        let claim = |_: &crate::Evidence| Finding::new(true, "", "");
        let lab = Lab::new("ch99", "X")
            .experiment(Experiment::new("here", "?").claim("so it is", claim))
            .sayings(&[
                ("here", Truth::Partly, "it is so", "so it is", "at times"),
                ("there", Truth::True, "it is not", "so it is", ""),
            ]);
        let told = &lab.experiments[0].plan().folklore;
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].note.as_deref(), Some("at times"));
        assert_eq!(lab.faults.len(), 1);
        assert!(lab.faults[0].contains("\"there\""), "{:?}", lab.faults);
    }
}

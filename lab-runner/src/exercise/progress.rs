//! What a learner has come to, by the exercises' names: `answers/progress.json`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::check::write_whole;
use crate::discover::Project;

/// All that is kept between two commands. Names, not numbers, are the keys: an
/// exercise may move, and another may come before it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Progress {
    exercises: BTreeMap<String, State>,
    #[serde(skip)]
    path: PathBuf,
}

/// How far somebody is with one exercise.
#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub(crate) struct State {
    /// The most points so far.
    pub(crate) best: u32,
    /// Whether all rules held once.
    pub(crate) passed: bool,
    /// The rule that the last answer broke first.
    pub(crate) broken: Option<String>,
    /// Hints seen for that rule.
    pub(crate) hints: usize,
}

impl Progress {
    /// Reads it; a learner without one has not begun.
    pub(crate) fn open(project: &Project) -> Result<Progress> {
        let path = project.answers().join("progress.json");
        let Ok(text) = fs::read(&path) else {
            return Ok(Progress { path, ..Progress::default() });
        };
        let read: Progress =
            serde_json::from_slice(&text).with_context(|| {
                format!(
                    "{} is not what I wrote: move it away, and I begin anew",
                    path.display()
                )
            })?;
        Ok(Progress { path, ..read })
    }

    pub(crate) fn of(&self, exercise: &str) -> State {
        self.exercises.get(exercise).cloned().unwrap_or_default()
    }

    /// Keeps a state, on the disk too.
    pub(crate) fn keep(&mut self, exercise: &str, state: State) -> Result<()> {
        self.exercises.insert(exercise.into(), state);
        if let Some(dir) = self.path.parent() {
            fs::create_dir_all(dir)?;
        }
        let text = serde_json::to_string_pretty(self)? + "\n";
        write_whole(&self.path, text.as_bytes())
    }
}

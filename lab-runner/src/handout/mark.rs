//! `handout.json`: says of a folder that it was handed out, and with which
//! exercises.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::exercise::Found;

pub(super) const FILE: &str = "handout.json";

/// What a handout says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Mark {
    version: u32,
    /// `ch05/no-stall`: those that were handed out.
    pub(crate) exercises: Vec<String>,
}

impl Mark {
    pub(super) fn of(exercises: &[Found]) -> Mark {
        let exercises = exercises.iter().map(Found::name).collect();
        Mark { version: crate::report::VERSION, exercises }
    }

    pub(super) fn text(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(self)? + "\n")
    }
}

/// The mark of a project that was handed out; none of a teacher's.
pub(crate) fn mark(root: &Path) -> Result<Option<Mark>> {
    let path = root.join(FILE);
    let Ok(text) = fs::read(&path) else { return Ok(None) };
    let mark = serde_json::from_slice(&text).with_context(|| {
        format!("{} is not what `lab-runner handout` wrote", path.display())
    })?;
    Ok(Some(mark))
}

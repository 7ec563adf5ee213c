//! What pid 1 tells the warden, a line of JSON each, through a pipe that the
//! program never has.

use std::io::Write;
use std::os::fd::{AsFd, OwnedFd};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::outcome::LayerState;
use crate::spec::Layer;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) enum Word {
    /// The next thing is the program's first instruction.
    Ready(Vec<LayerState>),
    Failed(String),
    Exited(i32),
    Signalled(i32),
}

/// The writing end.
pub(crate) struct Voice(std::fs::File);

impl Voice {
    pub(crate) fn new(fd: OwnedFd) -> Voice {
        Voice(fd.into())
    }

    pub(crate) fn say(&self, word: &Word) -> Result<()> {
        let mut line = serde_json::to_vec(word)?;
        line.push(b'\n');
        (&self.0).write_all(&line).context("tell the warden")
    }
}

impl AsFd for Voice {
    fn as_fd(&self) -> std::os::fd::BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// Which layers are wanted, and what became of each.
pub(crate) struct Layers {
    without: Vec<Layer>,
    states: Vec<LayerState>,
}

impl Layers {
    pub(crate) fn new(without: Vec<Layer>) -> Layers {
        Layers { without, states: Vec::new() }
    }

    pub(crate) fn wants(&self, layer: Layer) -> bool {
        !self.without.contains(&layer)
    }

    pub(crate) fn on(&mut self, layer: Layer, note: impl ToString) {
        self.note(layer, true, note.to_string());
    }

    pub(crate) fn off(&mut self, layer: Layer, note: impl ToString) {
        self.note(layer, false, note.to_string());
    }

    /// Puts a layer on, unless the caller switched it off. An error is the
    /// box's: it doesn't run without a layer that was wanted.
    pub(crate) fn apply(
        &mut self,
        layer: Layer,
        act: impl FnOnce() -> Result<String>,
    ) -> Result<()> {
        match self.wants(layer) {
            true => self.on(layer, act()?),
            false => self.off(layer, "switched off by the caller"),
        }
        Ok(())
    }

    fn note(&mut self, layer: Layer, active: bool, note: String) {
        self.states.push(LayerState { layer, active, note });
    }

    pub(crate) fn states(mut self) -> Vec<LayerState> {
        self.states.sort_by_key(|state| state.layer);
        self.states
    }
}

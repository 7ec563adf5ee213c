//! What a run of the benchmarks leaves: JSON, read again by the book.

use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::statistics::Spread;

/// A run of some or all lines.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Of this file's form.
    pub format: u32,
    /// `2026-11-22`.
    pub date: String,
    /// `6.18.44`.
    pub kernel: String,
    /// `2 cores`.
    pub machine: String,
    /// How ours was compiled.
    pub profile: String,
    /// The commit, if git knew it.
    pub commit: String,
    /// How often each was measured.
    pub rounds: u32,
    /// Load average before and after: how far the figures can be trusted.
    pub load: [f64; 2],
    /// In the order of the list.
    pub lines: Vec<LineResult>,
}

/// One thing that was measured, of us and of others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LineResult {
    /// `one-shot`.
    pub name: String,
    /// `One experiment, from its start to its verdict`.
    pub title: String,
    /// What the numbers count: `ms`.
    pub unit: String,
    /// Whether more is better.
    #[serde(default)]
    pub more_is_better: bool,
    /// What the project wants of it, and against whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goal: Option<Goal>,
    /// Ours first.
    pub contenders: Vec<Measured>,
    /// Who could not be measured, and why.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// The exponent of its growth, where `x` grows: 1 is linear.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exponent: Option<f64>,
    /// What one must know to read it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// A goal of the design.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// `at most 1.5 times the floor`.
    pub words: String,
    /// Whether these results reach it.
    pub met: bool,
}

/// One contender's samples, and what they come to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `tcpdump and ip netns`.
    pub name: String,
    /// It is the Socket Lab.
    #[serde(default)]
    pub ours: bool,
    /// The amount of what grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// Its samples' spread.
    pub spread: Spread,
    /// Its samples by ours, round by round; ours has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ratio: Option<Spread>,
    /// Verdicts that were right, and all.
    pub right: [u64; 2],
    /// What it captured, where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flood: Option<Flood>,
    /// The largest process of it, in MB.
    pub peak_mb: f64,
    /// All of them, in the order in which they were taken.
    pub samples: Vec<f64>,
}

/// Packets of all its samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flood {
    /// By the program that floods.
    pub sent: u64,
    /// In the capture.
    pub kept: u64,
}

impl Flood {
    /// `sent=5 kept=4 lost=1` in a line.
    pub fn said(line: &str) -> Option<Flood> {
        let number = |key: &str| {
            let mut words = line.split_whitespace();
            words.find_map(|word| word.strip_prefix(key)?.parse().ok())
        };
        Some(Flood { sent: number("sent=")?, kept: number("kept=")? })
    }

    /// Both together.
    pub fn and(self, other: Flood) -> Flood {
        let (sent, kept) = (self.sent + other.sent, self.kept + other.kept);
        Flood { sent, kept }
    }
}

impl std::fmt::Display for Flood {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let lost = self.sent.saturating_sub(self.kept);
        write!(f, "{} sent, {} kept, {lost} lost", self.sent, self.kept)
    }
}

/// A contender that is not here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Absent {
    /// Its name.
    pub name: String,
    /// What is lacking.
    pub why: String,
}

/// What [`Results::format`] is now.
pub const FORMAT: u32 = 1;

impl Results {
    /// Reads one.
    ///
    /// # Errors
    /// No file, or none of ours.
    pub fn read(path: &Path) -> Result<Results> {
        let text = std::fs::read(path)
            .with_context(|| format!("read {}", path.display()))?;
        serde_json::from_slice(&text).with_context(|| {
            format!("{} is none of `./run bench`", path.display())
        })
    }

    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// The folder can't be made, or written to.
    pub fn write(&self, path: &Path) -> Result<()> {
        let tried = || format!("write {}", path.display());
        let folder = path.parent().with_context(tried)?;
        std::fs::create_dir_all(folder).with_context(tried)?;
        let beside = path.with_extension("json.part");
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        std::fs::write(&beside, text).with_context(tried)?;
        std::fs::rename(&beside, path).with_context(tried)
    }

    /// The lines of these take the places of ours of the same name.
    pub fn renew(&mut self, with: &Results) {
        let mut lines = with.lines.clone();
        for old in self.lines.drain(..) {
            if !lines.iter().any(|line| line.name == old.name) {
                lines.push(old);
            }
        }
        *self = Results { lines, ..with.clone() };
    }
}

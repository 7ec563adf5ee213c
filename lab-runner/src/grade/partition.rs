//! `--partition slice:2/4` and a roster's ids -> the ids to grade here.
//!
//! - `slice:K/N` deals the sorted ids out in turn: parts of equal size.
//! - `hash:K/N` goes by the id alone: somebody who joins or leaves moves
//!   nobody else.
//! - `auto` asks the engine that started this (`auto.rs`).
//!
//! K counts from 1.

mod auto;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};

/// More parts than this are a mistake.
const MOST: u32 = 10_000;

/// One of N parts of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Partition {
    pub(crate) dealt: Dealt,
    /// From 1.
    pub(crate) part: u32,
    pub(crate) of: u32,
}

/// How ids come into parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dealt {
    Slice,
    Hash,
}

impl Dealt {
    fn word(self) -> &'static str {
        match self {
            Dealt::Slice => "slice",
            Dealt::Hash => "hash",
        }
    }
}

impl Partition {
    /// What `--partition` says; the environment is asked for `auto` only.
    pub(crate) fn read(text: &str) -> Result<Partition> {
        match text {
            "auto" => auto::find(|name| std::env::var(name).ok()),
            _ => text.parse(),
        }
    }

    pub(crate) fn new(dealt: Dealt, part: u32, of: u32) -> Result<Partition> {
        ensure!((1..=MOST).contains(&of), "{of} parts: 1 to {MOST} can be");
        ensure!(
            (1..=of).contains(&part),
            "part {part} of {of}: parts are counted from 1 to {of}"
        );
        Ok(Partition { dealt, part, of })
    }

    /// What its folder is called, among those of the other parts.
    pub(crate) fn folder(self) -> String {
        format!("{}-{}-of-{}", self.dealt.word(), self.part, self.of)
    }

    /// All parts of the class that this is one of.
    pub(crate) fn all(self) -> impl Iterator<Item = Partition> {
        (1..=self.of).map(move |part| Partition { part, ..self })
    }

    /// The ids of this part, sorted.
    pub(crate) fn members(self, ids: &[String]) -> Vec<String> {
        let ids: BTreeSet<&String> = ids.iter().collect();
        let dealt = ids.into_iter().enumerate();
        let ours = dealt.filter(|(n, id)| self.has(*n, id));
        ours.map(|(_, id)| id.clone()).collect()
    }

    fn has(self, nth: usize, id: &str) -> bool {
        let number = match self.dealt {
            Dealt::Slice => nth as u64,
            Dealt::Hash => hashed(id),
        };
        number % u64::from(self.of) == u64::from(self.part - 1)
    }
}

/// The same on every machine and in every version.
fn hashed(id: &str) -> u64 {
    let digest = Sha256::digest(id.as_bytes());
    let first = digest.iter().take(8);
    first.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

impl FromStr for Partition {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Partition> {
        let tried = || {
            format!(
                "the partition {text:?}; it has to be like slice:2/4 or \
                 hash:2/4 (the second of four parts), or auto"
            )
        };
        parse(text).with_context(tried)
    }
}

fn parse(text: &str) -> Result<Partition> {
    let (word, numbers) = text.split_once(':').context("there is no `:`")?;
    let dealt = match word {
        "slice" => Dealt::Slice,
        "hash" => Dealt::Hash,
        _ => bail!("nothing is dealt out by {word:?}"),
    };
    let (part, of) = numbers.split_once('/').context("there is no `/`")?;
    Partition::new(dealt, number(part)?, number(of)?)
}

/// Digits only: `+2` and ` 2` would name one part in two ways.
fn number(text: &str) -> Result<u32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits);
    number.with_context(|| format!("{text:?} is not a number"))
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.dealt.word(), self.part, self.of)
    }
}

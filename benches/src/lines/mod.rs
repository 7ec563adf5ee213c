//! What is measured, each line in its own file: a machine's setup -> who does
//! the job there, and how.

mod all;
mod book;
mod bulk;
mod confine;
mod decode;
mod flood;
mod grading;
mod growth;
mod one_shot;
mod rebuild;
mod warm;

use crate::contender::Contender;
use crate::results::LineResult;
use crate::setup::Setup;

/// One thing to measure.
pub(crate) struct Line {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) more_is_better: bool,
    /// Ours first: it is what the others are compared with.
    pub(crate) contenders: Vec<Contender>,
    /// What is wanted, and whether a result is that.
    pub(crate) goal: Option<(&'static str, Met)>,
    pub(crate) note: String,
    /// More rounds would take too long.
    pub(crate) most_rounds: u32,
}

pub(crate) type Met = fn(&LineResult) -> Option<bool>;

impl Line {
    pub(crate) fn new(
        name: &'static str,
        title: &'static str,
        unit: &'static str,
    ) -> Line {
        Line {
            name,
            title,
            unit,
            more_is_better: false,
            contenders: Vec::new(),
            goal: None,
            note: String::new(),
            most_rounds: u32::MAX,
        }
    }

    /// Its contenders are one at several amounts.
    pub(crate) fn grows(&self) -> bool {
        self.contenders.iter().any(|contender| contender.x.is_some())
    }
}

/// A setup -> a line.
type Make = fn(&Setup) -> Line;

/// The lines, in the order of the table.
pub(crate) const NAMES: [(&str, Make); 16] = [
    ("one-shot", one_shot::line),
    ("warm", warm::line),
    ("bulk", bulk::line),
    ("flood", flood::line),
    ("decode", decode::line),
    ("grading", grading::line),
    ("box", confine::line),
    ("book", book::line),
    ("all", all::line),
    ("growth-hosts", growth::hosts),
    ("rebuild", rebuild::line),
    ("growth-packets", growth::packets),
    ("growth-capture", growth::capture),
    ("growth-experiments", growth::experiments),
    ("memory", growth::memory),
    ("growth-submissions", growth::submissions),
];

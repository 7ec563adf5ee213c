//! One file for each subcommand.

mod accept;
mod appeal;
mod author;
mod book;
mod doctor;
mod exercise;
mod explain;
mod grade;
mod handout;
mod list;
mod merge;
mod recheck;
mod run;

pub(crate) use accept::{Order, accept};
pub(crate) use appeal::appeal;
pub(crate) use author::{check, new, sample_class};
pub(crate) use book::book;
pub(crate) use doctor::{PROBE, doctor, probe, unfit};
pub(crate) use exercise::exercise;
pub(crate) use explain::explain;
pub(crate) use grade::grade;
pub(crate) use handout::handout;
pub(crate) use list::list;
pub(crate) use merge::merge;
pub(crate) use recheck::recheck;
pub(crate) use run::{all, chapter, events};

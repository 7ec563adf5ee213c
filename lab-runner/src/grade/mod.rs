//! Grading: a class's folders -> marks, causes, reports.

#[allow(dead_code, reason = "the command that grades a class calls it")]
pub(crate) mod intake;
mod names;
#[allow(dead_code, reason = "the command that grades a class calls it")]
pub(crate) mod roster;

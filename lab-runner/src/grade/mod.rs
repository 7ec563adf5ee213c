//! Submissions of a class -> marks, causes, reports.

pub(crate) mod intake;
mod names;
pub(crate) mod partition;
pub(crate) mod results;
pub(crate) mod roster;

//! Submissions of a class -> marks, causes, reports.

pub(crate) mod partition;
pub(crate) mod results;

//! Submissions of a class -> marks, causes, reports.

pub(crate) mod results;

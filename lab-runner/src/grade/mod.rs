//! Submissions of a class -> marks, causes, reports.

pub(crate) mod export;
pub(crate) mod partition;
pub(crate) mod results;
#[cfg(test)]
pub(crate) mod sample;
mod whole;

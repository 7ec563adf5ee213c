//! `lab-runner author`: scaffolds labs and experiments, and says what those
//! that are half made lack.

mod check;
mod exercises;
mod kernels;
mod lacks;
mod scaffold;
mod template;

pub(crate) use check::check;
pub(crate) use scaffold::new;

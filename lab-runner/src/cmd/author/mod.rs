//! `lab-runner author`: scaffolds labs and experiments, and says what those
//! that are half made lack.

mod check;
mod class;
mod exercises;
mod kernels;
mod lacks;
mod scaffold;
mod template;

pub(crate) use check::check;
pub(crate) use class::sample_class;
pub(crate) use scaffold::new;

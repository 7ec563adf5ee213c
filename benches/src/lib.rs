//! Measures the labs' programs and others at the same work, in one run, by
//! turns, and says how they compare:
//!
//! - `setup`       a machine, a project -> programs and files
//! - `lines`       who does which job, and how
//! - `sample`      a command -> one number
//! - `measure`     a line -> rounds of samples -> a result
//! - [`statistics`] samples -> median, quartiles, ratios
//! - [`results`]   what is kept as JSON; [`table`] what is read
//!
//! What others take for the same work is in `benches/peers`.

mod capture;
mod command;
mod contender;
mod lines;
mod measure;
mod rebuild;
pub mod results;
mod sample;
mod setup;
pub mod statistics;
pub mod table;

pub use command::main;

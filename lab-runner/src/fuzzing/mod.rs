//! Arbitrary bytes -> nothing, or a panic: what must hold of every reader and
//! every sink of untrusted data. `fuzz/` and the tests call the same functions.
//!
//! Compiled for tests and with the feature `fuzzing` only.

mod evidence;
mod explain;
mod packets;
mod readers;
mod sinks;
mod source;
#[cfg(test)]
mod tests;
mod vocabulary;

pub use explain::explain;
pub use packets::{capture, flows, frame};
pub use readers::{hex, json, knob, snapshot};
pub use sinks::{judge, terminal};

/// Takes any bytes; panics if something does not hold.
pub type Target = fn(&[u8]);

/// Every target, by the name of its corpus.
pub const TARGETS: [(&str, Target); 10] = [
    ("capture", capture),
    ("explain", explain),
    ("flows", flows),
    ("frame", frame),
    ("hex", hex),
    ("json", json),
    ("judge", judge),
    ("knob", knob),
    ("snapshot", snapshot),
    ("terminal", terminal),
];

//! What a stage and a lab's company say to each other, in parcels.
//!
//! To `lab company`, on its standard input: a [`CALL`] for each run. It forks
//! an usher into the stage's namespaces, who is given the [`Part`]s, forks a
//! player for each, and ends when it hears no more: the players are then
//! children of the stage.

use serde::{Deserialize, Serialize};

/// A byte, and the descriptors of the stage's [`PLACES`], of its root and its
/// working directory, and of the socket on which parts are given.
pub const CALL: u8 = b'c';

/// The stage's namespaces, as they're called in `/proc/self/ns`; players enter
/// its network namespaces by themselves.
pub const PLACES: [&str; 4] = ["pid", "mnt", "ipc", "uts"];

/// One player to start. Its descriptors: its channel, what it prints to, its
/// network namespace if it has a host, and all that its
/// [`Hello`](super::Hello) counts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The experiment's name.
    pub experiment: String,
    /// A host, or `script`.
    pub role: String,
    /// It has a network namespace of its own.
    pub at_home: bool,
}

/// What the usher answers to each part, in their order: it hears no more when
/// it has failed, and has said why on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Cast {
    /// The player's process, as the stage numbers it.
    pub pid: i32,
}

/// Longest parcel of this protocol, in bytes.
pub const LONGEST: usize = 4096;

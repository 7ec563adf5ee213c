//! A program -> how it ended and what it said, having been able to reach
//! nothing but the network namespace it was given.
//!
//! ```text
//! caller          start(spec) -> Running; wait() -> Outcome
//! └─ warden       a fresh process: joins the network, watches output and time
//!    └─ pid 1     of the box: makes its root, gives up all rights, reaps
//!       └─ program
//! ```
//!
//! The caller may have threads: the warden is this program, executed again
//! with [`ARGUMENT`], so that namespaces are made in a process with one thread.
//! A program that starts boxes therefore calls [`warden`] first thing:
//!
//! ```no_run
//! # use std::process::ExitCode;
//! fn main() -> ExitCode {
//!     let first = std::env::args_os().nth(1);
//!     if first.is_some_and(|first| first == lab_box::ARGUMENT) {
//!         return lab_box::warden();
//!     }
//!     // its own business
//! #   ExitCode::SUCCESS
//! }
//! ```
//!
//! As root, the program has a uid that nobody else has: what is shared must be
//! readable by everybody. As an ordinary user it has the caller's uid and groups
//! outside, and only namespaces, Landlock and seccomp are between the two.
//!
//! Two things make it hold. The network namespace belongs to a user namespace
//! *outside* the one that the program is in, so no right over links, addresses
//! or raw sockets can be had inside, whatever else fails. And everything dies
//! with pid 1, which dies with the warden, which dies with the caller.

mod cgroup;
mod collect;
mod enter;
mod files;
mod inside;
mod landlock;
mod limits;
mod mounts;
mod network;
mod outcome;
mod place;
mod reaper;
mod report;
mod rights;
mod seccomp;
mod spec;
mod start;
mod warden;
mod watch;

pub use cgroup::offer as cgroup_offer;
pub use outcome::{Collected, End, LayerState, Outcome};
pub use spec::{BoxSpec, Cgroup, Collect, Layer, Limits, Share, Source};
pub use start::{ARGUMENT, Running, run, start};
pub use warden::warden;

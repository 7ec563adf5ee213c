//! The vocabulary of the labs: what a lab, a trace, a claim and a ladder *are*.
//!
//! In reading order:
//!
//! 1. [`Lab`] and [`Experiment`]: one question asked of real kernels; its
//!    hosts, links, knobs, claims and perturbations.
//! 2. [`Net`]: all that a host's program may ask while it runs.
//! 3. [`Evidence`]: what a run left behind; its [`Trace`] is the packets.
//! 4. [`claim`]: the words that claims are made of.
//! 5. [`line`](mod@line) and [`ladder`]: how a trace is written and drawn.
//!
//! Nothing here opens a netlink socket or libpcap. The kit's only acts are
//! marks, entering a host's namespace for a script, and a raw peer's frames,
//! all on file descriptors that `lab-runner` hands it.

mod blank;
mod channel;
pub mod claim;
mod company;
mod evidence;
pub mod exercise;
mod experiment;
pub mod figure;
mod folklore;
mod guest;
mod hex;
mod kernel;
mod knob;
mod lab;
pub mod ladder;
pub mod line;
mod link;
pub mod names;
mod net;
mod patience;
mod plan;
mod play;
pub mod protocol;
mod raw;
mod said;
mod serve;
mod tasks;
mod tcp;
mod trace;
mod turn;

use std::time::Duration;

/// The names of socket options that [`set_tcp`] takes.
pub use libc;

pub use claim::{Finding, Gap, Moment, Selection};
pub use evidence::{
    Counters, Device, Evidence, MarkSeen, Observation, QuietSeen, Socket, Step,
};
pub use exercise::{Exercise, Kind, Task};
pub use experiment::{Experiment, fails};
pub use figure::Figure;
pub use folklore::{Saying, Truth};
pub use guest::Guest;
pub use kernel::Passage;
pub use knob::{Knob, link_knob, option, route, sysctl};
pub use lab::{Described, Lab, SayingRow};
pub use link::{
    Action, Link, LinkKind, Pick, Rule, cable, corrupt, delay, drop, duplicate,
    every, hold, loopback, nth, reorder, wire,
};
pub use net::Net;
pub use patience::patient;
pub use plan::{Perturbation, Plan, SCRIPT, Since, Variant, series};
pub use play::main;
pub use raw::{Raw, Tcp};
pub use said::{Field, Filled, Form, Said, number, one_of, order, word};
pub use tasks::{Sleeps, woken};
pub use tcp::{
    connect_later, not_sent, outcome, receive_queue, send_queue, set_tcp,
    state_name, tcp_state, vanish,
};
pub use trace::{Flags, Opt, Proto, Segment, Trace};

/// A duration of `n` milliseconds.
pub const fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

/// A duration of `n` seconds.
pub const fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

//! Job -> Outcome, inside namespaces: the only code that needs privileges.
//!
//! The runner forks a [`nursery`] at its start, and asks it for a stage by a
//! [`request`]; [`sandbox`] makes their namespaces;
//! [`direct`](director::direct) builds the network, captures, plays the wire,
//! starts the hosts, and sends back what they left.

mod ahead;
mod answer;
mod capture;
mod company;
mod director;
mod drain;
mod fence;
mod job;
mod news;
mod nursery;
mod output;
mod player;
mod poller;
mod request;
mod sandbox;
mod spawn;
mod stall;
mod teller;
mod wire;

pub(crate) use job::{Boxed, Job, Notes, Outcome, Program, SMALL_ROOM};
pub(crate) use nursery::open as open_nursery;
pub(crate) use sandbox::{enter, try_stage};
pub(crate) use spawn::{Stage, Watch, expect, run_stage};
pub(crate) use teller::{SHOWN, Told};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use wire::Summary;

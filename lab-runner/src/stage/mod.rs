//! Job -> Outcome, inside namespaces: the only code that needs privileges.
//!
//! The runner re-executes itself as `__stage`; [`sandbox`] unshares and forks
//! pid 1; [`direct`](director::direct) builds the network, captures, plays the
//! wire, starts the hosts, and sends back what they left.

mod answer;
mod capture;
mod director;
mod drain;
mod fence;
mod job;
mod output;
mod player;
mod poller;
mod sandbox;
mod spawn;
mod stall;
mod teller;
mod wire;

pub(crate) use job::{Boxed, Job, Notes, Outcome, Program};
pub(crate) use sandbox::enter;
pub(crate) use spawn::{ARGUMENT, Reaped, Stage, Watch, run_stage, stage_main};
pub(crate) use teller::{SHOWN, Told};
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use wire::Summary;

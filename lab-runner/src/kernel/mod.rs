//! A namespace -> what its kernel says: sockets, counters, packets.

mod counters;
mod link;
mod release;
mod sockets;
mod talk;

pub(crate) use counters::{Counted, counters, growth};
pub(crate) use link::interface_packets;
pub(crate) use release::{release, version};
pub(crate) use sockets::SocketDiag;
pub(crate) use talk::{Request, Talk};

//! A namespace -> what its kernel says: sockets, counters, packets.

pub(crate) mod counters;
pub(crate) mod link;
pub(crate) mod sockets;
pub(crate) mod talk;

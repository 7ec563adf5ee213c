//! A namespace's device -> how many packets it has seen.

use anyhow::{Context, Result};

use crate::topology::Namespace;
use crate::topology::netlink::Routing;

/// Packets received and sent since the device was made.
pub(crate) fn interface_packets(of: &Namespace, device: &str) -> Result<u64> {
    let link = Routing::open(of)?.link_named(device)?;
    link.packets.with_context(|| format!("{device} has no 64-bit counters"))
}

//! A namespace's device -> how many packets it has seen.

use anyhow::{Context, Result};

use crate::topology::Namespace;

/// Packets received and sent since the device was made.
pub(crate) fn interface_packets(of: &Namespace, device: &str) -> Result<u64> {
    let link = of.routing(|routing| routing.link_named(device))?;
    link.packets.with_context(|| format!("{device} has no 64-bit counters"))
}

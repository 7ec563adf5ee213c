//! What a run leaves beside its frames: as much of it as decoding needs.

use std::collections::BTreeMap;

use lab_kit::{Counters, MarkSeen, Observation, QuietSeen, Socket, Step};
use serde::{Deserialize, Serialize};

/// Seen during a run. Its `start` is CLOCK_REALTIME in nanoseconds, as the
/// frames' stamps are; all other times are nanoseconds since then.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Seen {
    /// Version of this shape.
    pub format: u32,
    /// `uname -r` of the kernel that ran it.
    pub kernel: String,
    /// Left to right.
    pub hosts: Vec<String>,
    /// To tell packets' senders by.
    pub ends: Vec<End>,
    /// One for each list of frames.
    pub taps: Vec<Tap>,
    /// When it began.
    pub start: i64,
    /// As announced.
    pub marks: Vec<MarkSeen>,
    /// As kept.
    pub observations: Vec<Observation>,
    /// States of sockets.
    pub steps: Vec<Step>,
    /// Pauses that were part of it.
    pub quiets: Vec<QuietSeen>,
    /// Growth of kernel counters, by host.
    pub counters: BTreeMap<String, Counters>,
    /// Sockets that were left, by host.
    pub left: BTreeMap<String, Vec<Socket>>,
    /// Options in force, `host:key`.
    pub options: BTreeMap<String, String>,
}

/// A host's interface, to tell its packets by.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct End {
    /// Whose.
    pub host: String,
    /// All zero on a loopback.
    pub mac: [u8; 6],
    /// IPv4, as text.
    pub address: String,
}

/// A capture point: a host's interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tap {
    /// Number of the link, from 0.
    pub link: usize,
    /// At which end.
    pub host: String,
}

impl Seen {
    /// What a tap's kept capture is called after the experiment's name:
    /// `pcap`, `server.pcap` for a wire's other end, `link2.client.pcap` for a
    /// second link.
    pub fn ending(&self, tap: usize) -> String {
        match self.taps.get(tap) {
            Some(Tap { link: 0, host }) if tap > 0 => format!("{host}.pcap"),
            Some(Tap { link, host }) if *link > 0 => {
                format!("link{}.{host}.pcap", link.saturating_add(1))
            }
            _ => "pcap".into(),
        }
    }
}

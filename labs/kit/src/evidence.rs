//! All that a run leaves behind. Claims are functions of it.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::said::Filled;
use crate::trace::Trace;

/// What a run left behind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The packets.
    pub trace: Trace,
    /// Marks, in the order in which they were announced.
    pub marks: Vec<MarkSeen>,
    /// Values that programs kept.
    pub observations: Vec<Observation>,
    /// Recorded states of all sockets.
    pub steps: Vec<Step>,
    /// Pauses that were part of the experiment.
    pub quiets: Vec<QuietSeen>,
    /// Growth of kernel counters, by host.
    pub counters: BTreeMap<String, Counters>,
    /// Sockets left at the end of the run, by host.
    pub left: BTreeMap<String, Vec<Socket>>,
    /// Options in force, `host:key`.
    pub options: BTreeMap<String, String>,
    /// What somebody says about the run: an answer by file, blank by blank.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub said: BTreeMap<String, Filled>,
}

/// Kernel counters that grew, as `/proc/net/{netstat,snmp}` name them
/// (`TcpExtDelayedACKs`, `TcpOutRsts`); absent means 0. `sockstat` values are
/// differences too (`sockstatTCPtw`).
pub type Counters = BTreeMap<String, i64>;

/// An announced mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MarkSeen {
    /// Who announced it.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Nanoseconds since the start.
    pub at: i64,
}

/// A pause with its reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuietSeen {
    /// Who paused.
    pub role: String,
    /// Why.
    pub reason: String,
    /// How long, nanoseconds.
    pub ns: u64,
    /// When it began, nanoseconds since the start.
    pub at: i64,
}

/// A value that a program kept: an errno, a byte count.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Who saw it.
    pub host: String,
    /// What it is a value of.
    pub key: String,
    /// The value.
    pub value: String,
    /// Nanoseconds since the start.
    pub at: i64,
    /// It differs from run to run, so no snapshot shows it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub measured: bool,
}

/// All hosts' sockets, recorded under a label.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// What had just happened.
    pub label: String,
    /// Nanoseconds since the start.
    pub at: i64,
    /// States of the sockets of each host, listeners left out, sorted.
    pub states: BTreeMap<String, Vec<String>>,
    /// The same sockets with their queues.
    #[serde(default)]
    pub sockets: BTreeMap<String, Vec<Socket>>,
}

impl Step {
    /// A host's states as one word: `ESTAB`, `-` for none, `A+B` for two.
    pub fn state_of(&self, host: &str) -> String {
        match self.states.get(host) {
            Some(states) if !states.is_empty() => states.join("+"),
            _ => "-".into(),
        }
    }
}

/// A network interface as `ip -s link` describes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// Somebody has switched it on.
    pub up: bool,
    /// It is on, and so is the other end of its cable.
    pub carrier: bool,
    /// The longest packet that it takes, in bytes.
    pub mtu: u32,
    /// What orders the packets that wait for it: `pfifo_fast`, `noqueue`.
    pub qdisc: String,
    /// Packets that came in by it.
    pub received: u64,
    /// Packets that went out by it.
    pub sent: u64,
}

/// One TCP socket as sock_diag reports it, with the names `ss` uses.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Socket {
    /// `ESTAB`, `TIME-WAIT`, ... (RFC 9293 names; ESTABLISHED is shortened).
    pub state: String,
    /// Local port.
    pub local_port: u16,
    /// Remote port; 0 for a listener.
    pub remote_port: u16,
    /// Bytes received and unread; for a listener, connections not accepted.
    pub recv_q: u32,
    /// Bytes sent or written and not acknowledged; for a listener, its backlog.
    pub send_q: u32,
    /// Which timer runs: `on` (retransmission), `keepalive`, `timewait`,
    /// `persist`; empty for none.
    pub timer: String,
    /// What is left of it, in milliseconds.
    pub timer_ms: u32,
    /// Segments sent and not acknowledged (`tcpi_unacked`).
    #[serde(default)]
    pub unacked: Option<u32>,
    /// Bytes written and never sent (`tcpi_notsent_bytes`).
    #[serde(default)]
    pub not_sent: Option<u32>,
    /// The peer's last advertised window, in bytes (`tcpi_snd_wnd`).
    #[serde(default)]
    pub window: Option<u32>,
    /// inode of the socket; 0: no process holds it any more.
    pub inode: u32,
}

impl fmt::Display for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.state)
    }
}

//! What a lab and `lab-runner` say to each other: versioned JSON.
//!
//! `lab describe` -> [`Described`](crate::Described);
//! `lab judge EXPERIMENT` reads [`Evidence`], prints [`Judgement`];
//! `lab serve` answers these two many times, a line each: see [`asked`];
//! `lab company` starts players: see [`company`]. A player speaks
//! [`Request`]/[`Reply`], a line each, over the first descriptor of its part.

pub mod company;
pub mod parcel;
mod question;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::claim::Finding;
use crate::evidence::{Device, Evidence, Socket};
use crate::figure::Drawn;
pub use question::{Asked, answer, answered, asked, question};

/// Version of everything below. Raised when an old reader would misread.
pub const FORMAT: u32 = 1;

/// Longest line that either side sends, in bytes.
pub const LONGEST_LINE: usize = 64 * 1024;

/// What `judge` reads.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Case<'a> {
    /// [`FORMAT`].
    pub format: u32,
    /// What the run left behind.
    pub evidence: Cow<'a, Evidence>,
}

impl<'a> Case<'a> {
    /// What is sent of this evidence.
    pub fn of(evidence: &'a Evidence) -> Self {
        Case { format: FORMAT, evidence: Cow::Borrowed(evidence) }
    }
}

/// What `judge` prints: one finding per claim, in the plan's order.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Judgement {
    /// [`FORMAT`].
    pub format: u32,
    /// One per claim.
    pub findings: Vec<Finding>,
    /// One per figure.
    #[serde(default)]
    pub figures: Vec<Drawn>,
}

impl Judgement {
    /// Whether it is one of these claims and this evidence.
    ///
    /// # Errors
    /// A sentence's end: what the judge answers instead.
    pub fn fits(
        &self,
        claims: &[String],
        evidence: &Evidence,
    ) -> Result<(), String> {
        if self.format != FORMAT || self.findings.len() != claims.len() {
            return Err(format!(
                "answers with {} findings in format {}, for {} claims in \
                 format {FORMAT}",
                self.findings.len(),
                self.format,
                claims.len()
            ));
        }
        let count = evidence.trace.segments.len();
        for (finding, claim) in self.findings.iter().zip(claims) {
            let ends = finding.gap.iter().flat_map(|(a, b)| [a, b]);
            let mut named = finding.segments.iter().chain(ends);
            if let Some(n) = named.find(|n| **n >= count) {
                return Err(format!(
                    "points at segment {n} of {count}: {claim}"
                ));
            }
        }
        Ok(())
    }
}

/// First line that the runner sends to a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Hello {
    /// [`FORMAT`].
    pub format: u32,
    /// The role to play: a host, or `script`.
    pub role: String,
    /// Address of every host, by host that asks: `here -> there -> address`.
    pub addresses: BTreeMap<String, BTreeMap<String, String>>,
    /// Options in force, `host:key -> value`.
    pub options: BTreeMap<String, String>,
    /// For a script: descriptors of the hosts' network namespaces, counted
    /// among those that came with its part.
    pub namespaces: BTreeMap<String, i32>,
    /// For a raw peer: descriptor of its packet socket and its addressing.
    pub raw: BTreeMap<String, RawEnd>,
}

/// A raw peer's end of the link.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RawEnd {
    /// Bound AF_PACKET socket, counted likewise.
    pub fd: i32,
    /// Its own MAC address.
    pub mac: [u8; 6],
    /// The MAC address at the other end.
    pub peer_mac: [u8; 6],
    /// Its own IPv4 address.
    pub address: String,
    /// The IPv4 address at the other end.
    pub peer_address: String,
}

/// What a program asks. Everything but `Mark`, `Observe` and `Quiet` has a
/// reply.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Request {
    /// A fact to announce.
    Mark {
        /// Its name.
        name: String,
        /// CLOCK_REALTIME, nanoseconds.
        at: i64,
    },
    /// Wait until somebody announced it.
    WaitFor {
        /// The mark's name.
        name: String,
    },
    /// A value to keep as evidence.
    Observe {
        /// Who saw it.
        host: String,
        /// What it is a value of.
        key: String,
        /// The value.
        value: String,
        /// CLOCK_REALTIME, nanoseconds.
        at: i64,
        /// It differs from run to run.
        #[serde(default)]
        measured: bool,
    },
    /// A pause that is part of the experiment.
    Quiet {
        /// Why.
        reason: String,
        /// How long, nanoseconds.
        ns: u64,
        /// When it began.
        at: i64,
    },
    /// Record the states of all hosts' sockets under a label.
    Step {
        /// What has just happened.
        label: String,
    },
    /// Sockets of one host, as sock_diag lists them.
    Sockets {
        /// Whose.
        host: String,
    },
    /// How much a kernel counter of a host grew since the start.
    Counter {
        /// Whose.
        host: String,
        /// `TcpExtDelayedACKs`.
        name: String,
    },
    /// What an interface of a host is like just now.
    Device {
        /// Whose.
        host: String,
        /// `lo`.
        device: String,
    },
    /// Drop every packet at a netfilter hook of a host, or no more.
    DropAt {
        /// Whose.
        host: String,
        /// `output`; `None`: drop no more.
        hook: Option<String>,
    },
    /// Wait until the wire holds a frame from this host; it is described.
    Held {
        /// Who sent it.
        from: String,
    },
    /// Deliver the oldest held frame from this host, and wait until the other
    /// kernel has processed it.
    Deliver {
        /// Who sent it.
        from: String,
    },
    /// Lose the oldest held frame from this host.
    Lose {
        /// Who sent it.
        from: String,
    },
    /// From now on every frame waits at the wire.
    Hold,
    /// Deliver all that is held, and hold no more.
    Release,
    /// Start the answer to an exercise in this host.
    Answer {
        /// Where.
        host: String,
        /// What it is told.
        arguments: Vec<String>,
    },
    /// Wait until an answer has ended.
    Answered {
        /// Which, from 0, in the order in which they were started.
        n: usize,
    },
    /// Kill an answer.
    StopAnswer {
        /// Which.
        n: usize,
    },
    /// The program ends.
    Done,
}

/// The runner's answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reply {
    /// It has happened.
    Ok,
    /// The frame, in the notation of the snapshots.
    Frame {
        /// `S`, `P.`, ...
        flags: String,
        /// Bytes of payload.
        len: u32,
    },
    /// The sockets.
    Sockets {
        /// Of the host that was asked for.
        sockets: Vec<Socket>,
    },
    /// The interface.
    Device {
        /// As it is just now.
        device: Device,
    },
    /// The answer was started.
    Started {
        /// Its number.
        n: usize,
    },
    /// The answer has ended.
    Ended {
        /// `exit 0`, `SIGKILL`.
        how: String,
    },
    /// The counter's growth.
    Counter {
        /// Since the start of the run.
        value: i64,
    },
    /// It can't be had.
    Error {
        /// What was tried, what happened, what to do.
        message: String,
    },
}

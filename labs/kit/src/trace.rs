//! The packets of a run, decoded: relative sequence numbers, hosts by name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Every packet of the run, in the order in which it was sent.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Left to right.
    pub hosts: Vec<String>,
    /// In order; a [`Moment`](crate::Moment) is an index into this.
    pub segments: Vec<Segment>,
}

/// One packet. Named for TCP, whose unit it is nearly always.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    /// When its sender's interface had it, in nanoseconds since the start.
    pub at: i64,
    /// When the receiver's interface had it; `None`: lost on the wire.
    pub arrived: Option<i64>,
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// Which connection (TCP) or flow, from 1 in order of appearance.
    pub flow: u32,
    /// TCP, UDP, ICMP or something else.
    pub proto: Proto,
    /// TCP flags.
    pub flags: Flags,
    /// First sequence number, relative to the sender's ISN.
    pub seq: i64,
    /// Acknowledgement number, relative to the receiver's ISN.
    pub ack: Option<i64>,
    /// Bytes of payload.
    pub len: u32,
    /// Advertised window in bytes, scaled where the handshake was seen.
    pub window: u32,
    /// TCP options, in order, without padding.
    pub options: Vec<Opt>,
    /// The first 64 bytes of payload, one char per byte (Latin-1).
    pub payload: String,
    /// Every byte of it was sent before.
    pub retransmission: bool,
    /// The checksum in the packet is wrong.
    pub bad_checksum: bool,
    /// The wire changed it: it arrived, but not as it was sent.
    #[serde(default)]
    pub damaged: bool,
    /// Absolute sequence and acknowledgement numbers, as on the wire.
    pub raw: (u32, u32),
    /// The whole IP packet as its sender's interface had it, if the experiment
    /// [keeps bytes](crate::Experiment::keeps_bytes); otherwise empty.
    #[serde(
        default,
        with = "crate::hex",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub bytes: Vec<u8>,
}

impl Segment {
    /// One past the last sequence number: SYN and FIN count as one each.
    pub fn end(&self) -> i64 {
        self.seq
            + i64::from(self.len)
            + i64::from(self.flags.has('S'))
            + i64::from(self.flags.has('F'))
    }

    /// Where it stands among recorded states: when it left, or on a stepped
    /// wire when it arrived.
    pub fn shown_at(&self, by_arrival: bool) -> i64 {
        self.arrived.filter(|_| by_arrival).unwrap_or(self.at)
    }

    /// Nothing but an acknowledgement.
    pub fn is_pure_ack(&self) -> bool {
        self.proto == Proto::Tcp && self.len == 0 && self.flags.0 == "."
    }

    /// Whether the payload, as far as it is kept, starts with these bytes.
    pub fn says(&self, text: &str) -> bool {
        self.len > 0 && self.payload.starts_with(text)
    }
}

/// What a packet is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[derive(Default)]
pub enum Proto {
    /// TCP.
    #[default]
    Tcp,
    /// UDP; `len` is the payload.
    Udp,
    /// ICMP: type and code.
    Icmp(u8, u8),
    /// Anything else, named as well as it can be.
    Other(String),
}

/// TCP flags in packetdrill's letters and order: `FSRP.UEW`, where `.` is ACK.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flags(pub String);

impl Flags {
    const LETTERS: [(u16, char); 8] = [
        (0x02, 'S'),
        (0x01, 'F'),
        (0x04, 'R'),
        (0x08, 'P'),
        (0x10, '.'),
        (0x20, 'U'),
        (0x40, 'E'),
        (0x80, 'W'),
    ];

    /// From the flags of a TCP header.
    pub fn from_bits(bits: u16) -> Self {
        let set = Self::LETTERS.iter().filter(|(bit, _)| bits & bit != 0);
        Flags(set.map(|(_, letter)| letter).collect())
    }

    /// Whether this flag is set; `.` is ACK.
    pub fn has(&self, letter: char) -> bool {
        self.0.contains(letter)
    }

    /// In words: `SYN ACK`.
    pub fn words(&self) -> String {
        let word = |letter| match letter {
            'S' => "SYN",
            'F' => "FIN",
            'R' => "RST",
            'P' => "PSH",
            '.' => "ACK",
            'U' => "URG",
            'E' => "ECE",
            _ => "CWR",
        };
        self.0.chars().map(word).collect::<Vec<_>>().join(" ")
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "-" } else { &self.0 })
    }
}

/// One TCP option.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Opt {
    /// Maximum segment size, bytes.
    Mss(u16),
    /// SACK permitted.
    SackOk,
    /// Timestamps; value and echo are clock values, so only their presence
    /// is kept.
    Ts,
    /// Window scale, shift count.
    Wscale(u8),
    /// Selectively acknowledged ranges, relative to the receiver's ISN.
    Sack(Vec<(i64, i64)>),
    /// Fast Open cookie: its length in bytes.
    FastOpen(u8),
    /// Any other, by kind.
    Other(u8),
}

/// As in the snapshots. The window scale's shift follows the host's memory
/// settings, which are pinned, but is nobody's claim: only its presence shows.
impl fmt::Display for Opt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Opt::Mss(n) => write!(f, "mss {n}"),
            Opt::SackOk => f.write_str("sackOK"),
            Opt::Ts => f.write_str("TS"),
            Opt::Wscale(_) => f.write_str("wscale"),
            Opt::Sack(ranges) => {
                f.write_str("sack")?;
                ranges.iter().try_for_each(|(a, b)| write!(f, " {a}:{b}"))
            }
            Opt::FastOpen(n) => write!(f, "FO {n}"),
            Opt::Other(kind) => write!(f, "option {kind}"),
        }
    }
}

//! A ladder -> what a browser draws, steps through and asks about: JSON.
//!
//! The terminal's ladder, the page's and a live run's are drawn from the same
//! rows; a model adds what only a screen can show: bytes, arrivals, states
//! after each packet, meanings.

use std::collections::BTreeMap;
use std::mem::take;

use serde::{Deserialize, Serialize};

use super::meaning::meanings_of;
use super::states::{events, states_of};
use super::{Detail, Row, label, rows};
use crate::claim::Finding;
use crate::evidence::Evidence;
use crate::line::harmless;
use crate::trace::Segment;

/// Raised when an old page would misread.
pub const FORMAT: u32 = 1;

/// Bytes of a packet that are kept: headers and the beginning of the data.
const KEPT: usize = 136;

/// Everything about one trace.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// Version of this shape.
    pub format: u32,
    /// What it is a ladder of: `ch05/first-ack`, `dump.pcap, connection 3`.
    pub of: String,
    /// `uname -r` of the kernel that ran it; empty if nobody knows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub kernel: String,
    /// Left to right.
    pub hosts: Vec<String>,
    /// What is claimed of it, in the order of the rows' `shows`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// Top to bottom.
    pub rows: Vec<ModelRow>,
}

/// A claim and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its sentence.
    pub says: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was seen.
    pub saw: String,
}

/// One row; times are nanoseconds since the first packet left. Rows are in the
/// order of the terminal's: of leaving, or on a stepped wire of arriving.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "row")]
pub enum ModelRow {
    /// A packet travels.
    Packet(Box<ModelPacket>),
    /// Time passes, and a claim says so.
    Gap {
        /// Index of the claim.
        claim: usize,
        /// `41.4 ms`.
        lasted: String,
        /// Whether the claim holds.
        holds: bool,
    },
    /// States of all sockets, as the experiment recorded them.
    States {
        /// What had just happened.
        label: String,
        /// Host and state.
        states: Vec<(String, String)>,
    },
    /// Something at one host: a mark, an observation, a counter.
    Note {
        /// `None`: a counter, which is of the whole run.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<i64>,
        /// Whose; may be `script`.
        host: String,
        /// Its text.
        text: String,
    },
    /// A pause that is part of the experiment.
    Quiet {
        /// Why, and how long.
        text: String,
    },
    /// What follows belongs to another connection.
    Connection {
        /// Its number.
        number: u32,
    },
}

/// A packet on its way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelPacket {
    /// Its number in the trace, from 1.
    pub n: usize,
    /// When it left.
    pub at: i64,
    /// When it arrived; `None`: lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrived: Option<i64>,
    /// It was not seen to arrive, but may still: of a run that goes on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub under_way: bool,
    /// Which connection, from 1.
    pub flow: u32,
    /// Sender.
    pub from: String,
    /// Receiver.
    pub to: String,
    /// As on the terminal's arrow: `PSH ACK 1:6 "ping!"`.
    pub label: String,
    /// It arrived changed, or its checksum was wrong.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub damaged: bool,
    /// Its bytes were sent before.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// Indices of claims that it shows, and whether they hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shows: Vec<(usize, bool)>,
    /// The states of its connection's sockets once it has arrived (or is
    /// lost), by host, as RFC 9293 has them follow from the segments so far.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub states: BTreeMap<String, String>,
    /// What it is for in this conversation; a sentence.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub means: String,
    /// The beginning of the IP packet (or of what stands in its place).
    #[serde(
        default,
        with = "crate::hex",
        skip_serializing_if = "Vec::is_empty"
    )]
    pub bytes: Vec<u8>,
    /// Bytes of the whole packet.
    pub len: usize,
    /// Sequence and acknowledgement number as they would be if they had
    /// started at 0: of TCP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relative: Option<(i64, Option<i64>)>,
}

impl Model {
    /// The model of a run whose evidence [keeps
    /// bytes](crate::Experiment::keeps_bytes); `claims` and `findings` run in
    /// step.
    pub fn of_evidence(
        of: &str,
        kernel: &str,
        run: &Evidence,
        claims: &[String],
        findings: &[Finding],
        detail: Detail,
    ) -> Model {
        let detail = Detail { numbered: true, ..detail };
        let segments = run.trace.segments.iter();
        let several = segments.clone().any(|s| s.flow > 1);
        let start = segments.clone().map(|s| s.at).min().unwrap_or(0);
        let drawn = segments.map(|s| s.shown_at(detail.by_arrival)).min();
        let drawn_later = drawn.map_or(0, |at| at.saturating_sub(start));
        let events = events(&run.trace);
        let mut states = states_of(run, &events);
        let mut means = meanings_of(run, &events, detail.goes_on);
        let rows = rows(run, findings, detail).filter_map(|row| match row {
            Row::Packet { number, packet, shows, .. } => {
                let n = number?;
                let segment = run.trace.segments.get(n - 1)?;
                let flow = several.then_some(segment.flow);
                let label = label(&packet, flow);
                let row = ModelPacket::of(n, start, segment, label);
                let damaged = packet.damaged;
                let states = take(&mut states[n - 1]);
                let means = take(&mut means[n - 1]);
                let under_way = detail.goes_on && row.arrived.is_none();
                let row = ModelPacket {
                    shows,
                    damaged,
                    states,
                    means,
                    under_way,
                    ..row
                };
                Some(ModelRow::Packet(Box::new(row)))
            }
            Row::Gap { claim, lasted, holds } => {
                Some(ModelRow::Gap { claim, lasted, holds })
            }
            Row::States { label, states } => {
                Some(ModelRow::States { label, states })
            }
            Row::Note { at, host, text } => {
                let at = at.map(|at| at.saturating_add(drawn_later));
                let text = harmless(&text);
                Some(ModelRow::Note { at, host, text })
            }
            Row::Quiet { text } => Some(ModelRow::Quiet { text }),
            Row::Connection(number) => Some(ModelRow::Connection { number }),
        });
        let rows = rows.collect();
        let claims = claims.iter().zip(findings).map(|(says, finding)| Claim {
            says: says.clone(),
            holds: finding.holds,
            saw: harmless(&finding.saw),
        });
        Model {
            format: FORMAT,
            of: of.into(),
            kernel: kernel.into(),
            hosts: run.trace.hosts.clone(),
            claims: claims.collect(),
            rows,
        }
    }
}

impl Model {
    /// The packets, top to bottom.
    pub fn packets(&self) -> impl Iterator<Item = &ModelPacket> {
        self.rows.iter().filter_map(|row| match row {
            ModelRow::Packet(packet) => Some(&**packet),
            _ => None,
        })
    }

    /// The same without the states of hosts whose segments are not their
    /// kernels': raw peers, and those in whose name a program forges.
    pub fn without_states_of(mut self, hosts: &[&String]) -> Model {
        for row in &mut self.rows {
            if let ModelRow::Packet(packet) = row {
                packet.states.retain(|host, _| !hosts.contains(&host));
            }
        }
        self
    }

    /// The same with the packets' bytes, in the order of the trace: of a run
    /// whose claims didn't see them.
    pub fn with_bytes<B: AsRef<[u8]>>(mut self, bytes: &[B]) -> Model {
        for row in &mut self.rows {
            if let ModelRow::Packet(packet) = row
                && let Some(bytes) = bytes.get(packet.n.wrapping_sub(1))
            {
                packet.keep(bytes.as_ref());
            }
        }
        self
    }
}

impl ModelPacket {
    fn keep(&mut self, bytes: &[u8]) {
        self.bytes = bytes[..bytes.len().min(KEPT)].to_vec();
        self.len = whole(bytes);
    }

    fn of(
        n: usize,
        start: i64,
        segment: &Segment,
        label: String,
    ) -> ModelPacket {
        let since = |at: i64| at.saturating_sub(start);
        let tcp = segment.proto == crate::trace::Proto::Tcp;
        let mut packet = ModelPacket {
            n,
            at: since(segment.at),
            arrived: segment.arrived.map(|at| since(at.max(segment.at))),
            flow: segment.flow,
            from: segment.from.clone(),
            to: segment.to.clone(),
            label,
            again: segment.retransmission,
            relative: tcp.then_some((segment.seq, segment.ack)),
            ..ModelPacket::default()
        };
        packet.keep(&segment.bytes);
        packet
    }
}

/// How long a packet is, of which the capture may have kept less.
fn whole(bytes: &[u8]) -> usize {
    let word = |at| {
        let word = bytes.get(at..at + 2).unwrap_or(&[0, 0]);
        usize::from(u16::from_be_bytes([word[0], word[1]]))
    };
    let says = match bytes.first().map(|b| b >> 4) {
        Some(4) => word(2),
        Some(6) => word(4) + 40,
        _ => 0,
    };
    bytes.len().max(says)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::MarkSeen;

    /// On a stepped wire the second packet arrives before the first; a mark
    /// is announced between.
    fn run() -> Evidence {
        let segment = |at, arrived| Segment {
            at,
            arrived: Some(arrived),
            from: "a".into(),
            to: "b".into(),
            flow: 1,
            ..Segment::default()
        };
        let mark = MarkSeen { role: "a".into(), name: "x\n".into(), at: 150 };
        let mut run = Evidence::default();
        run.trace.segments = vec![segment(100, 300), segment(140, 160)];
        run.marks = vec![mark];
        run
    }

    fn model(run: &Evidence, goes_on: bool) -> Model {
        let (verbose, by_arrival) = (true, true);
        let detail =
            Detail { verbose, by_arrival, goes_on, ..Detail::default() };
        Model::of_evidence("x", "", run, &[], &[], detail)
    }

    #[test]
    fn times_count_from_when_the_first_packet_left() {
        let model = model(&run(), false);
        let times = |p: &ModelPacket| (p.n, p.at, p.arrived);
        let packets: Vec<_> = model.packets().map(times).collect();
        assert_eq!(packets, [(2, 40, Some(60)), (1, 0, Some(200))]);
        let text =
            r#"{"row":"note","at":50,"host":"a","text":"mark \"x\\n\""}"#;
        assert_eq!(serde_json::to_string(&model.rows[0]).unwrap(), text);
    }

    #[test]
    fn what_a_run_has_not_seen_arrive_is_under_way() {
        let mut run = run();
        run.trace.segments[0].arrived = None;
        let first = |goes_on| model(&run, goes_on).packets().next().cloned();
        let (lost, under_way) = (first(false).unwrap(), first(true).unwrap());
        assert!(!lost.under_way && lost.means.ends_with("it is lost"));
        assert!(under_way.under_way && under_way.means.ends_with("under way"));
        let text = serde_json::to_string(&under_way).unwrap();
        assert!(!text.contains("arrived"), "{text}");
    }

    #[test]
    fn bytes_are_the_beginning_and_the_length_is_of_the_whole() {
        let mut bytes = vec![0x45, 0, 5, 220];
        bytes.resize(200, 7);
        let model = model(&run(), false).with_bytes(&[bytes.clone(), vec![]]);
        let first = model.packets().find(|p| p.n == 1).unwrap();
        assert_eq!((first.bytes.len(), first.len), (KEPT, 1500));
        assert_eq!(first.bytes, bytes[..KEPT]);
        let back = serde_json::to_string(&model).unwrap();
        assert_eq!(serde_json::from_str::<Model>(&back).unwrap(), model);
    }

    #[test]
    fn states_that_are_no_kernel_s_are_left_out() {
        let of = |host: &str| (host.to_string(), "ESTAB".to_string());
        let mut model = model(&run(), false);
        for row in &mut model.rows {
            if let ModelRow::Packet(packet) = row {
                packet.states = [of("a"), of("b")].into();
            }
        }
        let model = model.without_states_of(&[&"a".to_string()]);
        assert!(model.packets().all(|p| p.states == [of("b")].into()));
    }
}

//! The ladder: time down, hosts across, packets between them. One model for
//! the terminal and the book.
//!
//! A ladder is made from a run's evidence ([`Ladder::of_evidence`]: with times,
//! marks and measured gaps) or from a committed snapshot
//! ([`Ladder::of_lines`]: without, since a snapshot holds no measured time).

pub mod meaning;
pub mod model;
pub mod states;
pub mod text;

use serde::{Deserialize, Serialize};

use crate::claim::{Finding, say};
use crate::evidence::{Counters, Evidence, QuietSeen, Step};
use crate::line::{Line, Packet};
use crate::trace::Segment;

/// Rows under a row of hosts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ladder {
    /// Left to right.
    pub hosts: Vec<String>,
    /// Top to bottom.
    pub rows: Vec<Row>,
    /// The claims that rows refer to by number.
    pub claims: Vec<String>,
}

/// One row of a ladder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Row {
    /// A packet travels.
    Packet {
        /// Nanoseconds since the first packet; `None` in a snapshot.
        at: Option<i64>,
        /// Its number in the trace, from 1, where somebody asks for it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<usize>,
        /// Which connection, if there are several.
        flow: Option<u32>,
        /// What travels.
        packet: Packet,
        /// Indices of claims that it shows, and whether they hold.
        shows: Vec<(usize, bool)>,
    },
    /// Time passes, and a claim says so.
    Gap {
        /// Index of the claim.
        claim: usize,
        /// `41.4 ms`; empty in a snapshot.
        lasted: String,
        /// Whether the claim holds.
        holds: bool,
    },
    /// States of all sockets.
    States {
        /// What had just happened.
        label: String,
        /// Host and state.
        states: Vec<(String, String)>,
    },
    /// Something at one host: a mark, an observation, a counter.
    Note {
        /// Nanoseconds since the first packet.
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
    Connection(u32),
}

/// What to draw of a run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Detail {
    /// Marks, observations and counters too.
    pub verbose: bool,
    /// Windows on every segment.
    pub windows: bool,
    /// Packets when they arrive: on a wire that is stepped.
    pub by_arrival: bool,
    /// The number of every packet.
    pub numbered: bool,
    /// The run goes on: what has not arrived may still arrive.
    pub goes_on: bool,
}

impl Ladder {
    /// The ladder of a run, with times; `claims` and `findings` run in step.
    pub fn of_evidence(
        run: &Evidence,
        claims: &[String],
        findings: &[Finding],
        detail: Detail,
    ) -> Ladder {
        let rows = rows(run, findings, detail).collect();
        Ladder { hosts: run.trace.hosts.clone(), rows, claims: claims.to_vec() }
    }

    /// The ladder of a snapshot; `hosts` gives the order of the columns, and
    /// claims are numbered as in `claims`.
    pub fn of_lines(
        lines: &[Line],
        hosts: &[String],
        claims: &[String],
    ) -> Ladder {
        let mut rows = Vec::new();
        for line in lines {
            match line {
                Line::Connection(n) => rows.push(Row::Connection(*n)),
                Line::Packet(packet) => {
                    let numbers = packet.claims.iter().filter_map(|claim| {
                        claims.iter().position(|c| c == claim)
                    });
                    let shows: Vec<_> = numbers.map(|n| (n, true)).collect();
                    for &(claim, holds) in &shows {
                        let lasted = String::new();
                        rows.push(Row::Gap { claim, lasted, holds });
                    }
                    let packet = packet.clone();
                    rows.push(Row::Packet {
                        at: None,
                        number: None,
                        flow: None,
                        packet,
                        shows,
                    });
                }
                Line::States { label, states } => rows.push(Row::States {
                    label: label.clone(),
                    states: states.clone(),
                }),
                Line::Saw { host, key, value } => {
                    rows.push(note(host, format!("{key} -> {value}"), None));
                }
                Line::Counter { host, name, grew } => {
                    rows.push(note(host, format!("{name} {grew:+}"), None));
                }
            }
        }
        Ladder { hosts: hosts.to_vec(), rows, claims: claims.to_vec() }
    }
}

/// The rows of a run's ladder, each made when it is asked for: of a long trace
/// they take more room than the trace.
pub fn rows<'a>(
    run: &'a Evidence,
    findings: &'a [Finding],
    detail: Detail,
) -> impl Iterator<Item = Row> + 'a {
    let segments = &run.trace.segments;
    let moment = move |s: &Segment| s.shown_at(detail.by_arrival);
    let start = segments.iter().map(moment).min().unwrap_or(0);
    let flows = segments.iter().map(|s| s.flow).max();
    let several = flows.is_some_and(|n| n > 1);
    let mut told = told(segments.len(), findings);
    let mut timed: Vec<(i64, ToBe)> = Vec::new();
    for ((n, segment), told) in segments.iter().enumerate().zip(&told) {
        let at = moment(segment);
        for &(claim, from) in &told.gaps {
            timed.push((at, ToBe::Gap { claim, from, to: n }));
        }
        timed.push((at, ToBe::Packet(n)));
    }
    timed.extend(run.quiets.iter().map(|q| (q.at, ToBe::Quiet(q))));
    timed.extend(run.steps.iter().map(|s| (s.at, ToBe::States(s))));
    if detail.verbose {
        let notes = notes(run, start).into_iter();
        timed.extend(notes.map(|(at, row)| (at, ToBe::Made(Box::new(row)))));
    }
    timed.sort_by_key(|(at, _)| *at);
    let row = move |to_be| match to_be {
        ToBe::Packet(n) => {
            let segment = &segments[n];
            Some(Row::Packet {
                at: Some(moment(segment).saturating_sub(start)),
                number: detail.numbered.then_some(n + 1),
                flow: several.then_some(segment.flow),
                packet: Packet::of(segment, detail.windows),
                shows: std::mem::take(&mut told[n].shows),
            })
        }
        ToBe::Gap { claim, from, to } => {
            let first = segments.get(from)?;
            let ns = segments[to].at.saturating_sub(first.at);
            let gap = std::time::Duration::from_nanos(ns.max(0) as u64);
            let holds = findings[claim].holds;
            Some(Row::Gap { claim, lasted: say(gap), holds })
        }
        ToBe::Quiet(quiet) => {
            let pause = say(std::time::Duration::from_nanos(quiet.ns));
            let (role, reason) = (&quiet.role, &quiet.reason);
            let text = format!("{role} quiet for {pause}: {reason}");
            Some(Row::Quiet { text })
        }
        ToBe::States(step) => {
            let hosts = run.trace.hosts.iter();
            let states = hosts.map(|h| (h.clone(), step.state_of(h))).collect();
            Some(Row::States { label: step.label.clone(), states })
        }
        ToBe::Made(row) => Some(*row),
    };
    let counted = if detail.verbose { counters(run) } else { Vec::new() };
    let timed = timed.into_iter().map(|(_, to_be)| to_be);
    timed.filter_map(row).chain(counted)
}

/// A row that has its place.
enum ToBe<'a> {
    Packet(usize),
    Gap { claim: usize, from: usize, to: usize },
    Quiet(&'a QuietSeen),
    States(&'a Step),
    Made(Box<Row>),
}

/// What claims say of one packet.
#[derive(Default, Clone)]
struct Told {
    /// Indices of claims that it shows, and whether they hold.
    shows: Vec<(usize, bool)>,
    /// Claims whose gap ends with it, and where that begins.
    gaps: Vec<(usize, usize)>,
}

/// Of each packet. A finding may be about thousands of them.
fn told(count: usize, findings: &[Finding]) -> Vec<Told> {
    let mut told = vec![Told::default(); count];
    for (claim, finding) in findings.iter().enumerate() {
        for &n in &finding.segments {
            if let Some(told) = told.get_mut(n)
                && told.shows.last().is_none_or(|(last, _)| *last != claim)
            {
                told.shows.push((claim, finding.holds));
            }
        }
        if let Some((a, b)) = finding.gap
            && let Some(told) = told.get_mut(b)
        {
            told.gaps.push((claim, a));
        }
    }
    told
}

fn note(host: &str, text: String, at: Option<i64>) -> Row {
    Row::Note { at, host: host.into(), text }
}

fn notes(run: &Evidence, start: i64) -> Vec<(i64, Row)> {
    let marks = run.marks.iter().map(|m| {
        let text = format!("mark {:?}", m.name);
        (m.at, note(&m.role, text, Some(m.at.saturating_sub(start))))
    });
    let seen = run.observations.iter().filter(|o| !o.measured).map(|o| {
        let text = format!("{} -> {}", o.key, o.value);
        (o.at, note(&o.host, text, Some(o.at.saturating_sub(start))))
    });
    marks.chain(seen).collect()
}

fn counters(run: &Evidence) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut shown: Vec<&Counters> = Vec::new();
    for (host, counters) in &run.counters {
        // Two names of one machine have one kernel.
        if shown.contains(&counters) {
            continue;
        }
        shown.push(counters);
        rows.extend(
            counters.iter().map(|(name, grew)| {
                note(host, format!("{name} {grew:+}"), None)
            }),
        );
    }
    rows
}

/// A packet's label on its arrow: `PSH ACK 1:6 "ping!"`, `ACK 6`.
pub fn label(packet: &Packet, flow: Option<u32>) -> String {
    let tcp = packet.range.contains(':');
    let mut parts = Vec::new();
    if let Some(flow) = flow {
        parts.push(format!("#{flow}"));
    }
    if tcp {
        parts.push(crate::Flags(packet.what.clone()).words());
        let (range, len) = packet.range.split_once('(').unwrap_or_default();
        let resets = packet.what.contains('R');
        match (len, packet.ack) {
            ("0)", Some(ack)) if ack != 1 || packet.what == "." => {
                parts.push(ack.to_string());
            }
            ("0)", None) if resets => parts.push(range.into()),
            ("0)", _) => {}
            _ => parts.push(range.into()),
        }
    } else {
        parts.push(packet.what.clone());
        parts.push(packet.range.clone());
    }
    if let Some(window) = packet.window {
        parts.push(format!("win {window}"));
    }
    if !packet.payload.is_empty() {
        parts.push(format!("\"{}\"", packet.payload));
    }
    if packet.options.starts_with("sack ") {
        parts.push(packet.options.clone());
    }
    if packet.again {
        parts.push("again".into());
    }
    if packet.damaged {
        parts.push("[damaged]".into());
    }
    parts.join(" ")
}

/// `①` to `⑳`, then `(21)`.
pub fn number(claim: usize) -> String {
    match claim {
        0..20 => char::from_u32(0x2460 + claim as u32).unwrap_or('?').into(),
        _ => format!("({})", claim + 1),
    }
}

//! The file again -> the packets of one connection, as a trace of two hosts
//! with the findings as its claims: what ladders are drawn from.

use std::collections::VecDeque;
use std::io::Read;

use anyhow::{Result, bail};
use lab_kit::ladder::model::{Model, ModelRow};
use lab_kit::ladder::{Detail, Ladder, Row};
use lab_kit::{Evidence, Finding, Flags, Proto, Segment, Trace};
use lab_trace::packet::{Checksum, Inner, Packet, packet};
use lab_trace::reader::frames;

use super::connection::{Connection, Role};
use super::fragments::Fragments;
use super::heard::{ACK, Heard, quoted};
use super::summary::Listed;
use super::tracker::{Key, hear_one};

/// Rows at most: of a longer connection its beginning, its end, and what is
/// around the evidence.
const MOST: usize = 5000;
const BEGINNING: usize = 1500;
const END: usize = 500;
const AROUND: usize = 12;
/// Bytes of a packet that a model keeps.
const KEPT: usize = 136;
const PAYLOAD: usize = 64;

/// A connection's packets.
pub(crate) struct Shown {
    evidence: Evidence,
    findings: Vec<Finding>,
    titles: Vec<String>,
    sentences: Vec<String>,
    /// Number in the file and length, for each segment.
    numbers: Vec<(u64, u32)>,
    /// Packets that have no row.
    pub(crate) left_out: usize,
}

/// Collects the rows of a connection that was listed.
///
/// # Errors
/// The file can't be read again.
pub(crate) fn shown(
    source: impl Read + Send,
    listed: &Listed,
) -> Result<Shown> {
    let mut collector = Collector::new(listed);
    let mut n = 0;
    let read = frames(source, &mut |frame| {
        n += 1;
        if n < listed.span.0 {
            return Ok(());
        }
        if n > listed.span.1 {
            bail!("enough");
        }
        if let Ok(mut packet) = packet(frame.link, frame.bytes, frame.len) {
            collector.fragments.join(&mut packet);
            collector.take(n, frame.at, frame.interface, &packet);
        }
        Ok(())
    });
    if n <= listed.span.1 {
        read?;
    }
    Ok(collector.shown())
}

struct Collector<'a> {
    listed: &'a Listed,
    fragments: Fragments,
    connection: Option<Connection>,
    evidence: Vec<u64>,
    kept: Vec<(u64, u32, Segment)>,
    /// Since the last one that was kept.
    recent: VecDeque<(u64, u32, Segment)>,
    /// More to keep, after a piece of evidence.
    after: usize,
    left_out: usize,
}

impl<'a> Collector<'a> {
    fn new(listed: &'a Listed) -> Self {
        let mut evidence: Vec<u64> =
            listed.wrong.iter().flat_map(|w| w.packets.clone()).collect();
        evidence.sort_unstable();
        Collector {
            listed,
            fragments: Fragments::default(),
            connection: None,
            evidence,
            kept: Vec::new(),
            recent: VecDeque::new(),
            after: 0,
            left_out: 0,
        }
    }

    fn take(&mut self, n: u64, at: i64, interface: u32, packet: &Packet) {
        let segment = match Heard::of(n, at, interface, packet) {
            Some(heard) if Key::of_heard(&heard) == self.listed.key => {
                self.segment(&heard, packet)
            }
            Some(_) => return,
            None => match self.complaint(at, packet) {
                Some(segment) => segment,
                None => return,
            },
        };
        self.keep((n, packet.len, segment));
    }

    fn keep(&mut self, row: (u64, u32, Segment)) {
        let is_evidence = self.evidence.binary_search(&row.0).is_ok();
        let room = self.kept.len() < MOST - END;
        if is_evidence && room {
            let from = self.recent.len().saturating_sub(AROUND);
            self.left_out += from;
            self.kept.extend(self.recent.drain(..).skip(from));
            self.after = AROUND + 1;
        }
        if room && (self.kept.len() < BEGINNING || self.after > 0) {
            self.after = self.after.saturating_sub(1);
            if !self.recent.is_empty() && self.kept.len() < BEGINNING {
                self.kept.extend(self.recent.drain(..));
            }
            self.kept.push(row);
            return;
        }
        if self.recent.len() == END {
            self.recent.pop_front();
            self.left_out += 1;
        }
        self.recent.push_back(row);
    }

    fn name(&self, of: std::net::IpAddr, is_client: bool) -> String {
        let [client, server] = self.listed.ends;
        match (of == client.ip(), of == server.ip()) {
            (true, true) if is_client => "client".into(),
            (true, false) => "client".into(),
            (_, true) => "server".into(),
            _ => of.to_string(),
        }
    }

    fn segment(&mut self, heard: &Heard, packet: &Packet) -> Segment {
        let connection = self.connection.get_or_insert_with(|| {
            let mut connection = Connection::new(1, heard);
            connection.ends = self.listed.ends;
            connection
        });
        let role = hear_one(connection, heard);
        let side = usize::from(heard.from != connection.ends[0]);
        let near = |half: usize, number| {
            let half = &connection.halves[half];
            let number = half.relative(number);
            if (number - half.next).abs() > 1 << 28 { 0 } else { number }
        };
        let names = ["client", "server"].map(String::from);
        let itself = connection.ends[0] == connection.ends[1];
        let (payload, options) = match &packet.inner {
            Inner::Tcp(tcp) => {
                let relative = |number| near(1 - side, number);
                let options =
                    lab_trace::packet::shown(tcp.option_bytes, relative);
                (tcp.payload, options)
            }
            Inner::Udp(udp) => (udp.payload, Vec::new()),
            _ => (&[][..], Vec::new()),
        };
        let acks = heard.tcp && heard.has(ACK);
        Segment {
            at: heard.at.saturating_sub(self.listed.began),
            arrived: Some(heard.at.saturating_sub(self.listed.began)),
            from: names[if itself { 0 } else { side }].clone(),
            to: names[if itself { 0 } else { 1 - side }].clone(),
            flow: 1,
            proto: if heard.tcp { Proto::Tcp } else { Proto::Udp },
            flags: Flags::from_bits(heard.flags.into()),
            seq: if heard.tcp { near(side, heard.seq) } else { 0 },
            ack: acks.then(|| near(1 - side, heard.ack)),
            len: heard.len,
            window: connection.halves[side]
                .window
                .map_or(heard.window.into(), |w| w as u32),
            options,
            payload: payload
                .iter()
                .take(PAYLOAD)
                .map(|&b| char::from(b))
                .collect(),
            retransmission: role == Role::Again,
            bad_checksum: heard.checksum == Checksum::Wrong,
            damaged: false,
            raw: (heard.seq, heard.ack),
            bytes: packet.bytes[..packet.bytes.len().min(KEPT)].to_vec(),
        }
    }

    /// ICMP about one of its packets.
    fn complaint(&self, at: i64, packet: &Packet) -> Option<Segment> {
        let Inner::Icmp(icmp) = &packet.inner else { return None };
        let (tcp, from, to) = quoted(icmp)?;
        if Key::of(tcp, from, to) != self.listed.key {
            return None;
        }
        let (sender, receiver) = packet.addresses;
        let at = at.saturating_sub(self.listed.began);
        Some(Segment {
            at,
            arrived: Some(at),
            from: self.name(sender, false),
            to: self.name(receiver, true),
            flow: 1,
            proto: Proto::Icmp(icmp.kind, icmp.code),
            len: packet.len.saturating_sub(20),
            bytes: packet.bytes[..packet.bytes.len().min(KEPT)].to_vec(),
            ..Segment::default()
        })
    }

    fn shown(mut self) -> Shown {
        self.kept.extend(self.recent.drain(..));
        let numbers: Vec<(u64, u32)> =
            self.kept.iter().map(|(n, len, _)| (*n, *len)).collect();
        let at = |n: u64| numbers.binary_search_by_key(&n, |r| r.0).ok();
        let findings = self.listed.wrong.iter().map(|wrong| Finding {
            segments: wrong.packets.iter().filter_map(|n| at(*n)).collect(),
            gap: wrong.gap.and_then(|(a, b)| Some((at(a)?, at(b)?))),
            ..Finding::new(true, "", wrong.sentence.clone())
        });
        let findings: Vec<Finding> = findings.collect();
        let mut hosts = vec!["client".to_string(), "server".to_string()];
        let segments: Vec<Segment> =
            self.kept.into_iter().map(|(_, _, segment)| segment).collect();
        for segment in &segments {
            for host in [&segment.from, &segment.to] {
                if !hosts.contains(host) && hosts.len() < 5 {
                    hosts.insert(1, host.clone());
                }
            }
        }
        Shown {
            evidence: Evidence {
                trace: Trace { hosts, segments },
                ..Evidence::default()
            },
            titles: self
                .listed
                .wrong
                .iter()
                .map(|w| w.kind.name().to_string())
                .collect(),
            sentences: self
                .listed
                .wrong
                .iter()
                .map(|w| w.sentence.clone())
                .collect(),
            findings,
            numbers,
            left_out: self.left_out,
        }
    }
}

impl Shown {
    /// The ladder, its packets numbered as in the file.
    pub(crate) fn ladder(&self) -> Ladder {
        let detail = Detail { numbered: true, ..Detail::default() };
        let mut ladder = Ladder::of_evidence(
            &self.evidence,
            &self.titles,
            &self.findings,
            detail,
        );
        for row in &mut ladder.rows {
            if let Row::Packet { number: Some(n), .. } = row {
                *n = self.number(*n).0 as usize;
            }
        }
        ladder
    }

    /// For a page: `of` names it.
    pub(crate) fn model(&self, of: &str) -> Model {
        let mut model = Model::of_evidence(
            of,
            "",
            &self.evidence,
            &self.titles,
            &self.findings,
            Detail::default(),
        );
        for (claim, sentence) in model.claims.iter_mut().zip(&self.sentences) {
            claim.saw.clone_from(sentence);
        }
        for row in &mut model.rows {
            if let ModelRow::Packet(packet) = row {
                let (n, len) = self.number(packet.n);
                (packet.n, packet.len) = (n as usize, len as usize);
            }
        }
        model
    }

    fn number(&self, n: usize) -> (u64, u32) {
        let at = n.checked_sub(1).and_then(|n| self.numbers.get(n));
        at.copied().unwrap_or_default()
    }
}

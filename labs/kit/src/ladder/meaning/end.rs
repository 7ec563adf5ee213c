//! One end of a connection: what it has said, and what has reached it.

use std::collections::HashMap;

use crate::ladder::states::{Received, is_taken};
use crate::trace::{Opt, Segment};

/// What is known of one end.
#[derive(Debug, Default)]
pub(super) struct End {
    pub(super) host: String,
    /// One past the highest sequence number that it has sent.
    pub(super) sent: Option<i64>,
    /// It has sent a SYN.
    pub(super) opened: bool,
    /// One past its FIN.
    pub(super) fin: Option<i64>,
    /// The highest acknowledgement that it has sent, and its last window.
    pub(super) acks: Option<i64>,
    pub(super) window: Option<u32>,
    /// The same of its peer, as far as it has arrived.
    pub(super) is_acked: Option<i64>,
    pub(super) peer_window: Option<u32>,
    /// Duplicate ACKs that have arrived since something new was acknowledged.
    pub(super) duplicates: u32,
    /// What it has sent, by the first sequence number: the last copy.
    pub(super) copies: HashMap<i64, Sent>,
    /// When its bytes had reached the other end without a gap, by the number
    /// after the last.
    pub(super) delivered: HashMap<i64, Delivered>,
    /// What has come in.
    received: Received,
    /// What reached it last.
    pub(super) heard: Heard,
}

/// The last copy of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    pub(super) at: i64,
    pub(super) lost: bool,
    pub(super) damaged: bool,
}

/// When a segment was taken, and whether that was seen at the receiver's end.
#[derive(Debug, Clone, Copy)]
pub(super) struct Delivered {
    pub(super) at: i64,
    pub(super) seen_there: bool,
}

/// What an end reacts to.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    #[default]
    Nothing,
    Syn,
    Probe,
    Reset,
    /// Bytes that it had already.
    Again,
    Other,
}

impl End {
    pub(super) fn of(host: &str) -> End {
        End { host: host.into(), ..End::default() }
    }

    /// Asks without news: one below what is acknowledged.
    pub(super) fn is_probe(&self, segment: &Segment) -> bool {
        let below = self.is_acked.map(|acked| acked - 1);
        let flags = &segment.flags;
        segment.len <= 1
            && Some(segment.seq) == below
            && self.sent > below
            && !['S', 'F', 'R'].iter().any(|flag| flags.has(*flag))
    }

    /// After a sentence about it.
    pub(super) fn sends(&mut self, segment: &Segment) {
        let flags = &segment.flags;
        self.opened |= flags.has('S');
        self.heard = Heard::Nothing;
        if flags.has('R') {
            return;
        }
        if segment.end() > segment.seq {
            let lost = segment.arrived.is_none();
            let damaged = segment.damaged || segment.bad_checksum;
            let copy = Sent { at: segment.at, lost, damaged };
            self.copies.insert(segment.seq, copy);
        }
        self.received.acknowledge(segment);
        if flags.has('F') {
            self.fin = Some(segment.end());
        }
        self.sent = self.sent.max(Some(segment.end()));
        if flags.has('.') {
            self.acks = self.acks.max(segment.ack);
            self.window = Some(segment.window);
        }
    }

    /// What it sent has reached its peer, which has taken it.
    pub(super) fn arrived_at_peer(&mut self, segment: &Segment, peer: &End) {
        if let (Some(at), Some(next)) = (segment.arrived, peer.received.next)
            && is_taken(segment)
        {
            let seen_there = at != segment.at;
            let delivered = Delivered { at, seen_there };
            self.delivered.entry(next).or_insert(delivered);
        }
    }

    /// It is reached by a segment of its peer.
    pub(super) fn takes(&mut self, segment: &Segment, peer: &End) {
        if !is_taken(segment) {
            return;
        }
        let flags = &segment.flags;
        self.heard = match segment {
            _ if flags.has('R') => Heard::Reset,
            _ if flags.has('S') => Heard::Syn,
            _ if peer.is_probe(segment) => Heard::Probe,
            _ if segment.end() > segment.seq
                && self.acks >= Some(segment.end()) =>
            {
                Heard::Again
            }
            _ => Heard::Other,
        };
        if flags.has('R') {
            return;
        }
        self.received.take(segment);
        if !flags.has('.') {
            return;
        }
        let waits = self.sent > self.is_acked;
        let same = segment.ack == self.is_acked
            && self.peer_window == Some(segment.window);
        if segment.ack > self.is_acked {
            self.is_acked = segment.ack;
            self.duplicates = 0;
        } else if waits && segment.is_pure_ack() && (same || has_sack(segment))
        {
            self.duplicates += 1;
        }
        self.peer_window = Some(segment.window);
    }
}

pub(super) fn has_sack(segment: &Segment) -> bool {
    sack(segment).next().is_some()
}

/// What a segment acknowledges selectively.
pub(super) fn sack(segment: &Segment) -> impl Iterator<Item = (i64, i64)> {
    segment.options.iter().flat_map(|option| match option {
        Opt::Sack(ranges) => ranges.clone(),
        _ => Vec::new(),
    })
}

//! One direction of a connection: what its sender sent, and what became of it.

use std::collections::VecDeque;

use super::heard::Heard;

/// A segment that nobody has acknowledged yet; numbers are relative.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) seq: i64,
    pub(crate) end: i64,
    /// Its first copy, and when the last one left.
    pub(crate) n: u64,
    pub(crate) first: i64,
    pub(crate) last: i64,
    /// Between the last two copies.
    pub(crate) gap: i64,
    pub(crate) times: u32,
    pub(crate) sacked: bool,
}

/// Bytes that were passed over.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hole {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) at: i64,
}

/// A moment: packet number and time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) n: u64,
    pub(crate) at: i64,
}

impl Moment {
    pub(crate) fn of(heard: &Heard) -> Moment {
        Moment { n: heard.n, at: heard.at }
    }
}

/// An ACK that came late, until it is known whether anybody waited for it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Late {
    pub(crate) data: u64,
    pub(crate) ack: Moment,
    pub(crate) by: i64,
}

/// A timer's retransmission of a single segment, until the next one tells
/// which timer it was.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pending {
    pub(crate) gap: i64,
    pub(crate) packets: [u64; 2],
}

#[derive(Debug, Default)]
pub(crate) struct Half {
    /// What relative number 0 is on the wire.
    pub(crate) base: Option<u32>,
    /// One past the highest byte sent.
    pub(crate) next: i64,
    /// What the other side has acknowledged.
    pub(crate) acked: i64,
    pub(crate) acked_n: u64,
    pub(crate) sent: VecDeque<Sent>,
    pub(crate) holes: Vec<Hole>,
    pub(crate) dupacks: u32,
    pub(crate) dupack_packets: Vec<u64>,
    /// Some of it was selectively acknowledged, up to here.
    pub(crate) sacked: i64,
    /// What this side lets the other one send; unknown at first.
    pub(crate) window: Option<u64>,
    pub(crate) scale: Option<u8>,
    pub(crate) mss: Option<u16>,
    pub(crate) syn: Option<Moment>,
    pub(crate) syn_last: Moment,
    pub(crate) syn_times: u32,
    /// It was a SYN-ACK.
    pub(crate) syn_acks: bool,
    pub(crate) syn_options: Option<lab_trace::packet::Options>,
    pub(crate) fin: Option<(i64, Moment)>,
    pub(crate) fin_acked: bool,
    pub(crate) rtt: Option<i64>,
    pub(crate) late: Option<Late>,
    pub(crate) pending: Option<Pending>,
    pub(crate) zero: Option<Moment>,
    pub(crate) last: Option<Moment>,
    pub(crate) last_data: Option<Moment>,
    pub(crate) last_again: Option<Moment>,
    pub(crate) packets: u64,
    pub(crate) data: u64,
    pub(crate) bad: u64,
    pub(crate) keepalives: u32,
    pub(crate) probes: u32,
    /// Longest segment that was acknowledged.
    pub(crate) longest_acked: i64,
    /// When this side told of room again, after it had none.
    pub(crate) reopened: Option<Moment>,
    /// When the other side's window was found full.
    pub(crate) full: Option<Moment>,
}

impl Half {
    /// Relative number of an absolute one, near what was sent last.
    pub(crate) fn relative(&self, absolute: u32) -> i64 {
        let next = self.base.unwrap_or_default().wrapping_add(self.next as u32);
        self.next + i64::from(absolute.wrapping_sub(next) as i32)
    }

    /// Starts counting so that `absolute` becomes `number`.
    pub(crate) fn start(&mut self, absolute: u32, number: u32) {
        if self.base.is_none() {
            self.base = Some(absolute.wrapping_sub(number));
            self.next = number.into();
            self.acked = number.into();
        }
    }

    pub(crate) fn unacked(&self) -> i64 {
        self.next - self.acked
    }

    /// Puts a segment where it belongs; of too many, the oldest go.
    pub(crate) fn keep(&mut self, sent: Sent, most: usize) {
        let at = self.sent.partition_point(|s| s.seq < sent.seq);
        self.sent.insert(at, sent);
        while self.sent.len() > most.max(1) {
            self.sent.pop_front();
        }
    }

    pub(crate) fn find(&mut self, seq: i64) -> Option<usize> {
        let after = self.sent.partition_point(|s| s.seq <= seq);
        let at = after.checked_sub(1)?;
        (self.sent[at].end > seq).then_some(at)
    }

    /// Whether these bytes are among those passed over; they are no longer.
    pub(crate) fn fill(&mut self, from: i64, to: i64) -> Option<Hole> {
        let at =
            self.holes.iter().position(|h| h.from <= from && to <= h.to)?;
        let hole = self.holes.swap_remove(at);
        if hole.from < from {
            self.holes.push(Hole { to: from, ..hole });
        }
        if to < hole.to {
            self.holes.push(Hole { from: to, ..hole });
        }
        Some(hole)
    }

    pub(crate) fn pass_over(&mut self, from: i64, to: i64, at: i64) {
        if self.holes.len() < 64 {
            self.holes.push(Hole { from, to, at });
        }
    }
}

//! Acknowledgements and data: round trips, windows, late ACKs and who waited
//! for them, who was silent.

use super::connection::{Connection, Role};
use super::finding::Kind;
use super::half::{Late, Moment, Sent};
use super::heard::{ACK, Heard};

const MS: i64 = 1_000_000;
/// Linux waits 40 ms at least (TCP_DELACK_MIN), others up to 500 (RFC 9293).
const LATE: std::ops::Range<i64> = 35 * MS..600 * MS;
/// What a kernel takes at most between an ACK and the segment that Nagle held
/// for it: both are one interrupt's work. A program takes longer.
const AT_ONCE: i64 = MS;
/// A pause of an application that is worth a word.
const SILENCE: i64 = 200 * MS;
/// How long Linux leaves a cork in, and waits at least until it sends again
/// what was lost.
const HELD: std::ops::Range<i64> = 195 * MS..225 * MS;
/// A number that far away is of no byte in flight.
const FAR: i64 = 1 << 28;

impl Connection {
    pub(super) fn hear_ack(&mut self, side: usize, heard: &Heard) {
        let now = Moment::of(heard);
        self.halves[1 - side].start(heard.ack, 1);
        if self.established.is_none()
            && side == 0
            && self.halves[1].syn.is_some()
        {
            self.established = Some(now);
            let server = &mut self.halves[1];
            if let Some(syn) = server.syn
                && server.syn_times == 1
            {
                server.rtt = Some(now.at.saturating_sub(syn.at).max(0));
            }
        }
        let old_window = self.halves[side].window;
        self.hear_window(side, heard);
        let sender = &mut self.halves[1 - side];
        let ack = sender.relative(heard.ack);
        if (ack - sender.next).abs() > FAR {
            return;
        }
        if ack > sender.next {
            let end = sender.next;
            sender.next = ack;
            let missed = ack - end;
            self.found.add(Kind::Missed, 1 - side, 0, &[heard.n]).extra +=
                missed;
        }
        let sender = &mut self.halves[1 - side];
        if sender.fin.is_some_and(|(end, _)| ack >= end) {
            sender.fin_acked = true;
        }
        if ack > sender.acked {
            self.acknowledged(side, ack, heard);
        } else if ack == sender.acked
            && heard.is_pure_ack()
            && self.halves[side].window == old_window
            && !self.halves[1 - side].sent.is_empty()
            && !self.is_reset_by(1 - side)
        {
            let sender = &mut self.halves[1 - side];
            sender.dupacks += 1;
            if sender.dupack_packets.len() < 3 {
                sender.dupack_packets.push(heard.n);
            }
            self.found.add(Kind::DuplicateAcks, side, 0, &[heard.n]);
        }
        self.hear_sack(side, ack, heard);
    }

    /// New bytes have arrived.
    fn acknowledged(&mut self, side: usize, ack: i64, heard: &Heard) {
        let now = Moment::of(heard);
        self.settle_pending(1 - side, None);
        let sender = &mut self.halves[1 - side];
        let mut newest: Option<Sent> = None;
        let mut count = 0;
        while let Some(first) = sender.sent.front()
            && first.end <= ack
        {
            let longest = first.end - first.seq;
            sender.longest_acked = sender.longest_acked.max(longest);
            newest = sender.sent.pop_front();
            count += 1;
        }
        (sender.acked, sender.acked_n) = (ack, heard.n);
        sender.dupacks = 0;
        sender.dupack_packets.clear();
        sender.holes.retain(|hole| hole.to > ack);
        if sender.sent.is_empty() && sender.sent.capacity() > 64 {
            sender.sent.shrink_to(8);
        }
        let Some(newest) = newest.filter(|sent| sent.times == 1) else {
            return;
        };
        let took = now.at.saturating_sub(newest.last).max(0);
        let usual = sender.rtt.unwrap_or(took);
        sender.rtt = Some(usual.min(took));
        let by = took - usual.min(took);
        let alone = sender.next == ack && count <= 2;
        if heard.is_pure_ack()
            && alone
            && LATE.contains(&by)
            && sender.fin.is_none()
            && self.halves[side].zero.is_none()
        {
            let data = newest.n;
            self.halves[1 - side].late = Some(Late { data, ack: now, by });
        }
    }

    fn hear_sack(&mut self, side: usize, ack: i64, heard: &Heard) {
        let sender = &mut self.halves[1 - side];
        for (n, &(from, to)) in heard.options.sack().iter().enumerate() {
            let (from, to) = (sender.relative(from), sender.relative(to));
            if from < ack {
                if n == 0 && to <= ack && from > 0 {
                    self.found
                        .add(Kind::Needless, 1 - side, 0, &[heard.n])
                        .extra += 1;
                }
                return;
            }
            sender.sacked = sender.sacked.max(to.min(sender.next));
            let inside = |s: &&mut Sent| from <= s.seq && s.end <= to;
            for sent in sender.sent.iter_mut().filter(inside) {
                sent.sacked = true;
            }
        }
    }

    /// What this side now lets the other one send.
    fn hear_window(&mut self, side: usize, heard: &Heard) {
        let window = self.window_of(side, heard);
        let half = &mut self.halves[side];
        half.window = window;
        match (heard.window == 0, half.zero) {
            (true, None) => half.zero = Some(Moment::of(heard)),
            (false, Some(since)) => {
                half.zero = None;
                half.reopened = Some(Moment::of(heard));
                self.window_was_zero(side, since, heard.n, heard.at);
            }
            _ => {}
        }
    }

    /// Unknown where its scale is.
    pub(super) fn window_of(&self, side: usize, heard: &Heard) -> Option<u64> {
        let both = self.halves.iter().all(|half| half.scale.is_some());
        let known = self.halves.iter().all(|half| half.syn.is_some());
        let scale = self.halves[side].scale.unwrap_or(0);
        let window = u64::from(heard.window) << if both { scale } else { 0 };
        (known || window == 0).then_some(window)
    }

    pub(super) fn window_was_zero(
        &mut self,
        side: usize,
        since: Moment,
        n: u64,
        at: i64,
    ) {
        let lasted = at.saturating_sub(since.at).max(1);
        self.found.add(Kind::ZeroWindow, side, lasted, &[since.n, n]);
    }

    pub(super) fn hear_data(&mut self, side: usize, heard: &Heard) -> Role {
        let half = &self.halves[side];
        let seq = half.relative(heard.seq);
        let end = seq
            + i64::from(heard.len)
            + i64::from(heard.has(super::heard::FIN));
        if (seq - half.next).abs() > FAR {
            return Role::Plain;
        }
        if seq < half.next {
            return self.hear_old(side, seq, end, heard);
        }
        self.waited_for_ack(side, heard);
        self.who_was_silent(side, heard);
        self.fills_window(side, end, heard);
        let half = &mut self.halves[side];
        if seq > half.next {
            half.pass_over(half.next, seq, heard.at);
        }
        half.next = end;
        let sent = new(seq, end, heard);
        half.keep(sent, self.most);
        Role::Plain
    }

    /// Was it held back until that ACK came? Then Nagle held it, and the other
    /// side's delayed ACK made the wait.
    fn waited_for_ack(&mut self, side: usize, heard: &Heard) {
        let path = self.path();
        let half = &mut self.halves[side];
        let Some(late) = half.late.take() else { return };
        let since = heard.at.saturating_sub(late.ack.at);
        // To the other side and back, wherever this was captured.
        let there = half.rtt.max(path).unwrap_or(0);
        let at_once = since <= there.saturating_add(AT_ONCE);
        let mss = half.mss.unwrap_or(1460).min(1460);
        let small = heard.len > 0 && heard.len < u32::from(mss) - 12;
        if at_once && small {
            let packets = [late.data, late.ack.n, heard.n];
            self.found.add(Kind::NagleStall, side, late.by, &packets);
        } else {
            self.only_late(side, late);
        }
    }

    fn only_late(&mut self, side: usize, late: Late) {
        let packets = [late.data, late.ack.n];
        self.found.add(Kind::DelayedAck, 1 - side, late.by, &packets);
    }

    /// Nobody waited for what came late.
    pub(super) fn settle_late(&mut self, side: usize) {
        if let Some(late) = self.halves[side].late.take() {
            self.only_late(side, late);
        }
    }

    /// The path was free and everything had arrived: the application took its
    /// time.
    fn who_was_silent(&mut self, side: usize, heard: &Heard) {
        self.settle_late(1 - side);
        let [this, other] = [&self.halves[side], &self.halves[1 - side]];
        let held = other.zero.is_some() || this.full.is_some();
        if heard.len == 0 || this.unacked() > 0 || held {
            return;
        }
        let before = this.last_data.max_by_time(other.last_data);
        let Some(before) = before else { return };
        let gap = heard.at.saturating_sub(before.at);
        let lost = |half: &super::half::Half| {
            half.last_again.is_some_and(|again| again.at >= before.at)
        };
        if gap < SILENCE || lost(this) || lost(other) {
            return;
        }
        if self.found_stall_at(heard.n) {
            return;
        }
        let answers = other.last_data.is_some_and(|d| d == before);
        let packets = [before.n, heard.n];
        let kind = match (side, answers) {
            _ if HELD.contains(&gap) => Kind::Held,
            (1, true) => Kind::SlowServer,
            _ => Kind::SilentClient,
        };
        self.found.add(kind, side, gap, &packets);
    }

    fn found_stall_at(&self, n: u64) -> bool {
        let stall = self.found.get(Kind::NagleStall);
        stall.is_some_and(|t| t.packets.contains(&n))
    }

    fn fills_window(&mut self, side: usize, end: i64, heard: &Heard) {
        let Some(window) = self.halves[1 - side].window else { return };
        let half = &mut self.halves[side];
        let edge = half.acked.saturating_add(window as i64);
        let now = Moment::of(heard);
        // Held until the other side made room?
        if let Some(full) = half.full.take() {
            let lasted = now.at.saturating_sub(full.at);
            let packets = [full.n, half.acked_n, now.n];
            // What left before an ACK could come was allowed by an older one.
            if half.acked_n > full.n {
                self.found.add(Kind::WindowFull, side, lasted, &packets);
            }
        }
        let half = &mut self.halves[side];
        if heard.len > 0 && end >= edge && half.syn.is_some() {
            half.full = Some(now);
        }
    }

    /// Neither data nor FIN: an ACK, a keepalive, a window probe.
    pub(super) fn hear_empty(&mut self, side: usize, heard: &Heard) -> Role {
        let half = &self.halves[side];
        let seq = half.relative(heard.seq);
        let idle = seq == half.next - 1 && half.unacked() == 0;
        if heard.has(ACK) && (idle || seq == half.acked - 1) {
            self.hear_probe(side, heard);
        }
        Role::Plain
    }

    pub(super) fn hear_probe(&mut self, side: usize, heard: &Heard) {
        let other = &self.halves[1 - side];
        let (closed, reopened) = (other.zero.is_some(), other.reopened);
        let half = &mut self.halves[side];
        let data_since = |m: Moment| half.last_data.is_some_and(|d| d.n > m.n);
        if closed {
            half.probes += 1;
        } else if let Some(update) = reopened.filter(|m| !data_since(*m)) {
            let lasted = heard.at.saturating_sub(update.at);
            let packets = [update.n, heard.n];
            self.halves[1 - side].reopened = None;
            self.found.add(Kind::UpdateLost, side, lasted, &packets);
        } else {
            half.keepalives += 1;
            self.found.add(Kind::Keepalive, side, 0, &[heard.n]);
        }
    }
}

pub(super) fn new(seq: i64, end: i64, heard: &Heard) -> Sent {
    Sent {
        seq,
        end,
        n: heard.n,
        first: heard.at,
        last: heard.at,
        gap: 0,
        times: 1,
        sacked: false,
    }
}

/// The later of two moments that may not be.
trait Later {
    fn max_by_time(self, other: Self) -> Self;
}

impl Later for Option<Moment> {
    fn max_by_time(self, other: Self) -> Self {
        match (self, other) {
            (Some(a), Some(b)) => Some(if b.n > a.n { b } else { a }),
            (a, b) => a.or(b),
        }
    }
}

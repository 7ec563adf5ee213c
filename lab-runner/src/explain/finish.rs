//! What only the end of a connection, or of the file, tells.

use super::connection::Connection;
use super::finding::Kind;
use super::half::Moment;

const SECOND: i64 = 1_000_000_000;

impl Connection {
    /// Nothing of it follows; the file, or what is known of it, ends at `end`.
    pub(crate) fn finish(&mut self, end: i64) {
        if !self.tcp {
            self.finish_udp();
            return;
        }
        if self.ends[0] == self.ends[1] {
            return;
        }
        self.settle_reset();
        for side in 0..2 {
            self.settle_late(side);
            self.settle_pending(side, None);
            if let Some(since) = self.halves[side].zero.take() {
                let last = self.last;
                let until = if self.is_over() { last.at } else { end };
                self.window_was_zero(side, since, last.n, until);
            }
            self.still_full(side, end);
            self.vanished(side, end);
            self.mtu_hole(side);
            self.sums(side);
        }
        self.unanswered_syn(end);
        self.syn_ack_again();
        self.closing(end);
        self.no_answer(end);
        self.explained_by_others();
    }

    /// It waits for room, and the file ends; a window that was closed says it
    /// by itself.
    fn still_full(&mut self, side: usize, end: i64) {
        let half = &mut self.halves[side];
        let Some(full) = half.full.take() else { return };
        if half.acked_n < full.n && self.reset.is_none() {
            let lasted = end.saturating_sub(full.at);
            self.found.add(Kind::WindowFull, side, lasted, &[full.n]);
        }
    }

    fn unanswered_syn(&mut self, end: i64) {
        let [client, server] = &self.halves;
        let lasted = end.saturating_sub(self.first.at);
        if let Some(syn) = client.syn
            && server.packets == 0
            && self.reset.is_none()
            && self.found.get(Kind::RefusedByIcmp).is_none()
        {
            let (times, last) = (client.syn_times, client.syn_last);
            // The capture may just have ended.
            if times > 1 || lasted > SECOND {
                let packets = [syn.n, last.n];
                let packets = &packets[usize::from(times == 1)..];
                self.found.add(Kind::SynUnanswered, 0, lasted, packets).extra =
                    times.into();
                self.found.remove(Kind::SynAgain, 0);
            }
        }
    }

    fn syn_ack_again(&mut self) {
        let [client, server] = &self.halves;
        let Some(again) = self.found.get(Kind::SynAckAgain) else { return };
        if self.established.is_none() {
            let times = server.syn_times;
            let (total, packets) = (again.total, again.packets.clone());
            self.found.remove(Kind::SynAckAgain, 1);
            if self.reset.is_none() && client.syn.is_some() {
                let kind = Kind::SynAckUnanswered;
                self.found.add(kind, 1, total, &packets).extra = times.into();
            }
            return;
        }
        // The client's ACK was there, and data too, and still again.
        let ignored = client.sent.iter().any(|s| s.times > 1)
            || self.found.has(Kind::Rto, 0)
            || self.found.has(Kind::Timer, 0)
            || self.found.has(Kind::TailProbe, 0);
        if again.extra > 0 && ignored && client.data > 0 {
            let (total, packets) = (again.total, again.packets.clone());
            let times = again.extra;
            self.found.remove(Kind::SynAckAgain, 1);
            self.found.add(Kind::AcceptQueue, 1, total, &packets).extra = times;
        }
    }

    /// It sent again and again, and nothing came back.
    fn vanished(&mut self, side: usize, end: i64) {
        let [this, other] = [&self.halves[side], &self.halves[1 - side]];
        let lost = this.sent.iter().find(|sent| {
            let silent = other.last.is_none_or(|m| m.n < sent.n);
            sent.times >= 3 && silent
        });
        let gave_up = self.found.has(Kind::ResetGaveUp, side);
        if let Some(sent) = lost
            && !gave_up
        {
            let lasted = end.min(self.last.at).saturating_sub(sent.first);
            let (packets, times) = ([sent.n, self.last.n], sent.times);
            self.found.add(Kind::Vanished, 1 - side, lasted, &packets).extra =
                times.into();
        }
        if this.keepalives >= 2
            && this.keepalives as usize > 1
            && self.reset.is_none()
            && let (Some(mine), Some(theirs)) = (this.last, other.last)
            && let Some(probes) = self.found.get(Kind::Keepalive)
            && probes.packets.iter().filter(|n| **n > theirs.n).count() >= 2
        {
            let lasted = mine.at.saturating_sub(theirs.at);
            let packets = [theirs.n, mine.n];
            self.found.add(Kind::KeepaliveDead, 1 - side, lasted, &packets);
        }
    }

    /// Big ones don't get through, small ones do.
    fn mtu_hole(&mut self, side: usize) {
        let [this, other] = [&self.halves[side], &self.halves[1 - side]];
        let stuck = this.sent.iter().find(|s| {
            let len = s.end - s.seq;
            let alive = other.last.is_some_and(|m| m.n > s.n);
            s.times >= 3 && len >= 1200 && len > this.longest_acked && alive
        });
        if let Some(sent) = stuck {
            let lasted = self.last.at.saturating_sub(sent.first);
            let (packets, len) = ([sent.n], sent.end - sent.seq);
            self.found.add(Kind::MtuHole, side, lasted, &packets).extra = len;
        }
    }

    /// Where nearly every sum is wrong and the data arrives, a card computes
    /// them.
    fn sums(&mut self, side: usize) {
        let half = &self.halves[side];
        let most = half.bad >= 3 && half.bad * 2 > half.packets;
        if most {
            let packets = self.found.get(Kind::BadChecksum);
            let packets = packets.map_or(vec![], |t| t.packets.clone());
            self.found.remove(Kind::BadChecksum, side);
            self.found.add(Kind::NotComputed, side, 0, &packets);
        }
    }

    fn closing(&mut self, end: i64) {
        if self.reset.is_some() {
            return;
        }
        for side in 0..2 {
            let [this, other] = [&self.halves[side], &self.halves[1 - side]];
            let Some((_, fin)) = this.fin else { continue };
            if let Some((_, theirs)) = other.fin {
                if let Some(data) = other.last_data
                    && data.n > fin.n
                    && theirs.n > fin.n
                {
                    let lasted = theirs.at.saturating_sub(fin.at);
                    let packets = [fin.n, data.n, theirs.n];
                    self.found.add(Kind::HalfClose, side, lasted, &packets);
                }
            } else if this.fin_acked {
                let lasted = end.saturating_sub(fin.at);
                let packets = [fin.n];
                self.found.add(Kind::PeerStaysOpen, 1 - side, lasted, &packets);
            }
        }
    }

    /// The last word was the client's, it has arrived, and that was it.
    fn no_answer(&mut self, end: i64) {
        let [client, server] = &self.halves;
        let answered = match (client.last_data, server.last_data) {
            (Some(asked), Some(said)) => said.n > asked.n,
            (Some(_), None) => false,
            (None, _) => true,
        };
        let open = server.fin.is_none() && self.reset.is_none();
        let Some(Moment { n, at }) = client.last_data else { return };
        let lasted = end.saturating_sub(at);
        if !answered && open && client.unacked() == 0 && lasted >= SECOND {
            let packets = [n, client.acked_n];
            self.found.add(Kind::Unanswered, 1, lasted, &packets);
        }
    }

    /// What another finding says better is not said twice.
    fn explained_by_others(&mut self) {
        for side in 0..2 {
            let found = &self.found;
            let lost = found.has(Kind::Vanished, 1 - side)
                || found.has(Kind::ResetGaveUp, side)
                || found.has(Kind::MtuHole, side);
            if lost {
                for kind in [Kind::Rto, Kind::Timer, Kind::TailProbe] {
                    self.found.remove(kind, side);
                }
            }
            if self.found.has(Kind::FastRetransmit, 1 - side)
                || self.found.has(Kind::Reordered, 1 - side)
            {
                self.found.remove(Kind::DuplicateAcks, side);
            }
        }
        if self.found.get(Kind::KeepaliveDead).is_some() {
            self.found.remove(Kind::Keepalive, 0);
            self.found.remove(Kind::Keepalive, 1);
        }
    }
}

//! SYN and SYN-ACK: sent again, answered by something else, looking like a
//! cookie.

use super::connection::{Connection, Role};
use super::finding::Kind;
use super::half::Moment;
use super::heard::{ACK, Heard};

/// What a cookie leaves of a timestamp (`net/ipv4/syncookies.c`): the client's
/// window scale, SACK, ECN.
const COOKIE_BITS: u32 = 0x3f;

impl Connection {
    pub(super) fn hear_syn(&mut self, side: usize, heard: &Heard) -> Role {
        let now = Moment::of(heard);
        let half = &mut self.halves[side];
        if half.syn.is_some() {
            let both = !half.syn_acks && self.halves[1 - side].syn.is_some();
            if both && heard.has(ACK) {
                return self.crossing(side, heard);
            }
            return self.syn_again(side, heard);
        }
        half.syn_acks = heard.has(ACK);
        half.start(heard.seq, 0);
        half.next = half.next.max(1 + i64::from(heard.len));
        half.acked = half.acked.max(0);
        (half.syn, half.syn_last, half.syn_times) = (Some(now), now, 1);
        half.syn_options = Some(heard.options);
        half.scale = heard.options.scale;
        half.mss = heard.options.mss;
        half.window = Some(heard.window.into());
        if heard.has(ACK) {
            self.look_for_cookie(side, heard);
            self.hear_syn_ack(side, heard);
        }
        Role::Plain
    }

    /// The SYN-ACK of a side that had sent a SYN of its own.
    fn crossing(&mut self, side: usize, heard: &Heard) -> Role {
        self.halves[side].syn_acks = true;
        self.hear_syn_ack(side, heard);
        self.established = Some(Moment::of(heard));
        if !self.found.has(Kind::Crossing, 0) {
            let syns = [0, 1].map(|n| self.halves[n].syn.map_or(0, |m| m.n));
            self.found.add(Kind::Crossing, 0, 0, &syns);
        }
        Role::Plain
    }

    /// It acknowledges the other side's SYN.
    fn hear_syn_ack(&mut self, side: usize, heard: &Heard) {
        let other = &mut self.halves[1 - side];
        other.start(heard.ack, 1);
        let ack = other.relative(heard.ack);
        other.acked = other.acked.max(ack.min(other.next));
        other.acked_n = heard.n;
        if let Some(syn) = other.syn
            && other.syn_times == 1
        {
            other.rtt = Some(heard.at.saturating_sub(syn.at).max(0));
        }
    }

    fn syn_again(&mut self, side: usize, heard: &Heard) -> Role {
        let now = Moment::of(heard);
        let (established, answered) =
            (self.established, self.halves[1 - side].syn);
        let half = &mut self.halves[side];
        let gap = now.at.saturating_sub(half.syn_last.at);
        let packets = [half.syn_last.n, now.n];
        half.syn_last = now;
        half.syn_times += 1;
        let kind = match heard.has(ACK) {
            true => Kind::SynAckAgain,
            false => Kind::SynAgain,
        };
        let tally = self.found.add(kind, side, gap, &packets);
        // What it tells: the SYN-ACK had come, the ACK had gone.
        let known = match heard.has(ACK) {
            true => established,
            false => answered,
        };
        if known.is_some() {
            tally.extra += 1;
        }
        Role::Again
    }

    /// The SYN offered SACK and a window scale, and both were left alone; or
    /// the timestamp's low bits are the client's options.
    fn look_for_cookie(&mut self, side: usize, heard: &Heard) {
        let offered = self.halves[1 - side].syn_options;
        let Some(offered) = offered else { return };
        let left_out = offered.sack_ok
            && offered.scale.is_some()
            && offered.ts.is_none()
            && !heard.options.sack_ok
            && heard.options.scale.is_none();
        if left_out {
            let syn = self.halves[1 - side].syn_last.n;
            self.found.add(Kind::SynCookie, side, 0, &[syn, heard.n]);
        }
        if let (Some((stamp, _)), Some(scale)) =
            (heard.options.ts, offered.scale)
        {
            let sack = u32::from(offered.sack_ok) << 4;
            let ecn = stamp & 0x20;
            let bits = u32::from(scale) | sack | ecn;
            self.cookie_bits = stamp & COOKIE_BITS == bits;
        }
    }

    /// An ACK in answer to a SYN that it doesn't acknowledge: an old
    /// connection is still known at the other end (RFC 5961, 4.2).
    pub(super) fn is_challenge(&mut self, side: usize, heard: &Heard) -> bool {
        let now = Moment::of(heard);
        if let Some(foreign) = self.foreign
            && self.challenged.is_none()
            && foreign.from != heard.from
            && heard.is_pure_ack()
        {
            self.challenged = Some(now);
            let of = usize::from(foreign.from != self.ends[0]);
            self.found.add(Kind::SynOnOpen, of, 0, &[heard.n]).extra += 1;
            self.found.uncount(Kind::SynOnOpen, of);
            return false;
        }
        let other = &self.halves[1 - side];
        let waits = self.halves[side].syn.is_none()
            && other.syn.is_some()
            && self.established.is_none()
            && self.halves[side].packets == 0;
        let is = waits && heard.is_pure_ack() && other.relative(heard.ack) != 1;
        if is && self.challenged.is_none() {
            self.challenged = Some(now);
            let packets = [other.syn_last.n, heard.n];
            self.found.add(Kind::SynChallenged, side, 0, &packets);
        }
        is
    }

    /// A SYN with another number while the connection is open.
    pub(super) fn hear_foreign(&mut self, heard: &Heard) {
        let side = usize::from(heard.from != self.ends[0]);
        self.packets += 1;
        self.bytes += u64::from(heard.size);
        self.last = Moment::of(heard);
        self.foreign = Some(*heard);
        self.challenged = None;
        self.found.add(Kind::SynOnOpen, side, 0, &[heard.n]);
    }
}

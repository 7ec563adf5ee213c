//! A RST -> its likely cause, from what its sender had heard before it.
//!
//! A RST in answer to a segment has that segment's acknowledgement as its
//! number, and no ACK flag (RFC 9293, 3.10.7.1): no socket was there for it. A
//! socket that is taken away sends RST and ACK with its own next number.

use super::connection::Connection;
use super::finding::Kind;
use super::half::Moment;
use super::heard::{ACK, Heard};

type Cause = Option<(Kind, Vec<u64>)>;

/// A RST with a number ahead of the next one: bytes before it were lost, or
/// somebody else sent it, and then it counts for nothing (RFC 5961, 3.2).
#[derive(Debug)]
pub(crate) struct Doubted {
    side: usize,
    at: Moment,
    ahead: i64,
    /// Of a socket, by its ACK flag.
    of_socket: bool,
    /// By the other side, with an ACK.
    challenged: bool,
    cause: Cause,
    idle: i64,
}

impl Doubted {
    pub(super) fn is_open(&self) -> bool {
        !self.challenged
    }
}

impl Connection {
    pub(super) fn hear_reset(&mut self, side: usize, heard: &Heard) {
        let now = Moment::of(heard);
        self.settle_late(0);
        self.settle_late(1);
        self.settle_pending(0, None);
        self.settle_pending(1, None);
        if self.reset.is_some() {
            return;
        }
        // Before what is answered, not before the answer.
        let (cause, idle) = (self.cause(side, heard), self.quiet[1]);
        let earlier = self.doubted.take();
        let ahead = self.ahead(side, heard);
        let challenged = earlier.as_ref().is_some_and(|d| d.challenged);
        let same = earlier.filter(|d| d.side == side);
        if ahead > 0 && !challenged {
            if let Some(earlier) = same {
                self.did_not_count(&earlier);
            }
            self.doubted = Some(Doubted {
                side,
                at: now,
                ahead,
                of_socket: heard.has(ACK),
                challenged: false,
                cause,
                idle,
            });
            return;
        }
        match same {
            Some(earlier) if earlier.of_socket && challenged => {
                self.reset_by(side, now, earlier.cause, earlier.idle);
            }
            earlier => {
                if let Some(earlier) = earlier.filter(|_| !challenged) {
                    self.did_not_count(&earlier);
                }
                self.reset_by(side, now, cause, idle);
            }
        }
        if self.foreign.is_some_and(|f| f.from == heard.from) {
            self.foreign = None;
        }
    }

    fn reset_by(&mut self, side: usize, at: Moment, cause: Cause, idle: i64) {
        if let Some((kind, mut packets)) = cause {
            packets.push(at.n);
            self.found.add(kind, side, 0, &packets).extra = idle;
        }
        self.reset = Some((side, at));
    }

    /// By how many bytes its number is ahead of what its sender had sent.
    fn ahead(&self, side: usize, heard: &Heard) -> i64 {
        let half = &self.halves[side];
        let open = self.established.is_some() && self.foreign.is_none();
        match open && half.base.is_some() {
            true => (half.relative(heard.seq) - half.next).max(0),
            false => 0,
        }
    }

    fn did_not_count(&mut self, rst: &Doubted) {
        let kind = Kind::ResetIgnored;
        self.found.add(kind, rst.side, 0, &[rst.at.n]).extra = rst.ahead;
    }

    /// What follows a RST tells whether it counted.
    pub(super) fn is_it_reset(&mut self, side: usize, heard: &Heard) {
        let of = 1 - side;
        let ack = self.halves[of].relative(heard.ack);
        let repeats = heard.is_pure_ack() && ack == self.halves[of].acked;
        if let Some(doubted) = self.doubted.take() {
            let same = doubted.side == side;
            if same && doubted.is_open() {
                return self.did_not_count(&doubted); // it goes on
            }
            if !same && repeats && doubted.is_open() {
                self.challenge(doubted.side, doubted.at, doubted.ahead, heard);
                self.doubted = Some(Doubted { challenged: true, ..doubted });
                return;
            }
            self.doubted = Some(doubted);
        } else if let Some((by, at)) = self.reset
            && by == of
            && repeats
            && self.halves[of].unacked() > 0
            && self.halves[side].window == self.window_of(side, heard)
        {
            let ahead = self.halves[of].unacked();
            self.challenge(of, at, ahead, heard);
        }
    }

    fn challenge(&mut self, by: usize, rst: Moment, ahead: i64, ack: &Heard) {
        let packets = [rst.n, ack.n];
        self.found.add(Kind::ResetChallenged, by, 0, &packets).extra = ahead;
    }

    pub(super) fn is_reset_by(&self, side: usize) -> bool {
        let doubted = self.doubted.as_ref().map(|d| d.side);
        self.reset.map(|(by, _)| by).or(doubted) == Some(side)
    }

    /// Nothing has said that it didn't count.
    pub(super) fn settle_reset(&mut self) {
        let Some(doubted) = self.doubted.take() else { return };
        if doubted.is_open() || doubted.of_socket {
            let Doubted { side, at, cause, idle, .. } = doubted;
            self.reset_by(side, at, cause, idle);
        }
    }

    fn cause(&self, side: usize, heard: &Heard) -> Cause {
        let [this, other] = [&self.halves[side], &self.halves[1 - side]];
        let last = other.last.map(|m| m.n);
        let evidence = |more: &[u64]| {
            let mut all = more.to_vec();
            all.extend(last);
            all.sort_unstable();
            all.dedup();
            all
        };
        // Before there was a connection.
        if self.challenged.is_some() && self.established.is_none() {
            return None; // told by SynChallenged
        }
        if other.syn.is_some() && this.syn.is_none() && this.packets == 0 {
            return Some((Kind::Refused, vec![other.syn_last.n]));
        }
        if side == 0 && this.syn.is_some() && self.established.is_none() {
            return match other.syn.is_some() {
                true => Some((Kind::Unwanted, evidence(&[]))),
                false => Some((Kind::ResetUnknown, evidence(&[]))),
            };
        }
        if self.foreign.is_some() && self.challenged.is_some() {
            return None; // told by SynOnOpen
        }
        self.cause_when_open(side, heard).map(|(k, p)| (k, evidence(&p)))
    }

    fn cause_when_open(&self, side: usize, heard: &Heard) -> Cause {
        let [this, other] = [&self.halves[side], &self.halves[1 - side]];
        let over = this.fin_acked && other.fin.is_some();
        let gave_up = this
            .sent
            .iter()
            .find(|s| s.times >= 3 && other.last.is_none_or(|m| m.n < s.n));
        if let Some(sent) = gave_up {
            return Some((Kind::ResetGaveUp, vec![sent.n]));
        }
        if this.keepalives >= 2
            && other
                .last
                .is_none_or(|m| this.last.is_some_and(|last| last.n > m.n))
            && other.last_before(this.last)
        {
            return Some((Kind::ResetGaveUp, vec![]));
        }
        if over {
            return Some((Kind::ResetTimeWait, vec![]));
        }
        if let Some((_, fin)) = this.fin {
            let fits = !heard.has(ACK);
            return Some(match fits && other.last_data.is_some() {
                true => (Kind::ResetClosed, vec![fin.n]),
                false => (Kind::ResetUnknown, vec![fin.n]),
            });
        }
        if !heard.has(ACK) {
            if side == 1 && other.data == 0 && this.data == 0 {
                return Some((Kind::ResetQueue, vec![]));
            }
            return Some((Kind::ResetNoState, vec![]));
        }
        if let Some(got) = other.last_data {
            let answered = this.last_data.is_some_and(|gave| gave.n > got.n);
            let kind = match answered {
                true => Kind::ResetAnswered,
                false => Kind::ResetUnread,
            };
            return Some((kind, vec![got.n]));
        }
        if side == 1 && this.data == 0 && other.data == 0 {
            return Some((Kind::ResetQueue, vec![]));
        }
        Some((Kind::ResetAbort, vec![]))
    }
}

impl super::half::Half {
    /// Silent since before that moment.
    fn last_before(&self, moment: Option<Moment>) -> bool {
        match (self.last, moment) {
            (Some(this), Some(that)) => this.n < that.n,
            (None, _) => true,
            _ => false,
        }
    }
}

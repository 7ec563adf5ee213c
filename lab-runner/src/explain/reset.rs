//! A RST -> its likely cause, from what its sender had heard before it.
//!
//! A RST in answer to a segment has that segment's acknowledgement as its
//! number, and no ACK flag (RFC 9293, 3.10.7.1): no socket was there for it. A
//! socket that is taken away sends RST and ACK with its own next number.

use super::connection::Connection;
use super::doubt::Doubted;
use super::finding::Kind;
use super::half::Moment;
use super::heard::{ACK, Heard};

pub(super) type Cause = Option<(Kind, Vec<u64>)>;

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

    pub(super) fn reset_by(
        &mut self,
        side: usize,
        at: Moment,
        cause: Cause,
        idle: i64,
    ) {
        if let Some((kind, mut packets)) = cause {
            packets.push(at.n);
            self.found.add(kind, side, 0, &packets).extra = idle;
        }
        self.reset = Some((side, at));
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

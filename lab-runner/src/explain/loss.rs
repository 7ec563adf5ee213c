//! Bytes that pass again: which timer sent them, or which ACKs, and whether
//! they were needed.

use super::connection::{Connection, Role};
use super::finding::Kind;
use super::half::{Moment, Pending};
use super::heard::{FIN, Heard};
use super::stream;

const MS: i64 = 1_000_000;
/// What is out of its order is rarely more than that.
const SHUFFLED: i64 = 3 * MS;
/// Sooner, no timer sends again.
const TIMER: i64 = 10 * MS;

impl Connection {
    /// A segment that begins below what was sent already.
    pub(super) fn hear_old(
        &mut self,
        side: usize,
        seq: i64,
        end: i64,
        heard: &Heard,
    ) -> Role {
        self.settle_late(side);
        let path = self.path();
        let closed = self.halves[1 - side].zero.is_some();
        let half_acked = self.halves[side].acked;
        let tiny = heard.len <= 1 && !heard.has(FIN);
        if tiny && seq + 1 == half_acked {
            self.hear_probe(side, heard);
            return Role::Again;
        }
        let half = &mut self.halves[side];
        half.last_again = Some(Moment::of(heard));
        if closed && tiny && seq == half.acked {
            self.hear_probe(side, heard);
            return Role::Again;
        }
        if let Some(hole) = half.fill(seq, end.min(half.next)) {
            let late = heard.at.saturating_sub(hole.at);
            let shuffled = path.map_or(SHUFFLED, |p| SHUFFLED.max(p / 2));
            let asked = half.dupacks >= 3 || half.sacked > end;
            half.keep(stream::new(seq, end, heard), self.most);
            if late <= shuffled {
                self.found.add(Kind::Reordered, side, late, &[heard.n]);
                return Role::Plain;
            }
            let kind = if asked { Kind::FastRetransmit } else { Kind::Timer };
            self.found.add(kind, side, late, &[heard.n]);
            return Role::Again;
        }
        if end <= half.acked {
            let packets = [half.acked_n, heard.n];
            self.found.add(Kind::Needless, side, 0, &packets);
            return Role::Again;
        }
        self.sent_again(side, seq, end, heard);
        Role::Again
    }

    fn sent_again(&mut self, side: usize, seq: i64, end: i64, heard: &Heard) {
        let half = &mut self.halves[side];
        let seq = seq.max(half.acked);
        let fresh = end > half.next;
        let Some(at) = half.find(seq) else {
            // Its first copy is no longer known, or was never captured.
            half.next = half.next.max(end);
            half.keep(stream::new(seq, end, heard), self.most);
            self.found.add(Kind::Timer, side, 0, &[heard.n]);
            return;
        };
        let asked = half.dupacks >= 3 || half.sacked > end;
        let sent = &mut half.sent[at];
        let gap = heard.at.saturating_sub(sent.last);
        let before = (sent.gap, sent.times);
        let packets = [sent.n, heard.n];
        (sent.gap, sent.last) = (gap, heard.at);
        sent.times += 1;
        // The copy may carry more than the first one did.
        sent.end = sent.end.max(end.min(sent.end.max(half.next)));
        let only = half.sent.len() == 1;
        let is_last = end >= half.next;
        if fresh {
            let from = half.next;
            half.next = end;
            half.keep(stream::new(from, end, heard), self.most);
        }
        let evidence: Vec<u64> = half.dupack_packets.clone();
        if asked {
            let packets = [&packets[..1], &evidence, &packets[1..]].concat();
            self.found.add(Kind::FastRetransmit, side, gap, &packets);
        } else if gap < TIMER {
            self.found.add(Kind::Timer, side, gap, &packets);
        } else if before.1 > 1 {
            self.settle_pending(side, Some(gap));
            self.found.add(Kind::Rto, side, gap, &packets);
        } else if is_last && !only {
            self.found.add(Kind::TailProbe, side, gap, &packets);
        } else if only {
            self.settle_pending(side, None);
            let pending = Pending { gap, packets };
            self.halves[side].pending = Some(pending);
        } else {
            self.found.add(Kind::Rto, side, gap, &packets);
        }
    }

    /// A timeout doubles: if the next gap is twice the first one, it was a
    /// timeout from the beginning; if they are alike, a probe came first.
    pub(super) fn settle_pending(&mut self, side: usize, next: Option<i64>) {
        let Some(pending) = self.halves[side].pending.take() else { return };
        let kind = match next {
            Some(next) if next / 16 >= pending.gap / 10 => Kind::Rto,
            Some(_) => Kind::TailProbe,
            None => Kind::Timer,
        };
        self.found.add(kind, side, pending.gap, &pending.packets);
    }
}

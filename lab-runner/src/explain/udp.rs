//! UDP: a flow says little; queries of the DNS say more.

use super::connection::Connection;
use super::finding::Kind;
use super::half::Moment;
use super::heard::Heard;

/// A question to a name server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Query {
    id: u16,
    sent: Moment,
    answered: bool,
}

const DNS: [u16; 2] = [53, 5353];
const KEPT: usize = 16;

impl Connection {
    pub(super) fn hear_udp(&mut self, side: usize, heard: &Heard) {
        let half = &mut self.halves[side];
        half.packets += 1;
        half.data += u64::from(heard.len);
        half.last = Some(Moment::of(heard));
        if self.ends[1].port() != DNS[0] {
            return;
        }
        let known = self.queries.iter_mut().rev().find(|q| q.id == heard.query);
        match (side, known) {
            (1, Some(query)) => query.answered = true,
            (0, Some(query)) if !query.answered => {
                let gap = heard.at.saturating_sub(query.sent.at);
                let packets = [query.sent.n, heard.n];
                query.sent = Moment::of(heard);
                self.found.add(Kind::UdpAgain, 0, gap, &packets);
            }
            (0, _) => {
                if self.queries.len() == KEPT {
                    self.queries.pop_front();
                }
                let sent = Moment::of(heard);
                let id = heard.query;
                self.queries.push_back(Query { id, sent, answered: false });
            }
            _ => {}
        }
    }

    pub(super) fn finish_udp(&mut self) {
        let unanswered = self.queries.iter().filter(|q| !q.answered);
        let packets: Vec<u64> = unanswered.map(|q| q.sent.n).collect();
        if !packets.is_empty() {
            self.found.add(Kind::UdpSilent, 0, 0, &packets).count =
                packets.len() as u64;
        }
    }
}

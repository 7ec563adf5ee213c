//! A packet that the file holds twice, because two interfaces were captured:
//! the same header, the same identification, next to each other in time.

use lab_trace::packet::Checksum;

use super::connection::Connection;
use super::finding::Kind;
use super::heard::Heard;

/// How long a packet takes through one machine.
const NEAR: i64 = 20_000_000;
const VERY_NEAR: i64 = 1_000_000;
const KEPT: usize = 8;

/// Sequence, acknowledgement, flags, window, length, timestamps, query.
type Header = (u32, u32, u8, u16, u32, Option<(u32, u32)>, u16);

/// What two copies of one packet have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Print {
    side: usize,
    n: u64,
    at: i64,
    interface: u32,
    ttl: u8,
    id: Option<u16>,
    same: Header,
    completed: bool,
}

impl Connection {
    pub(super) fn is_twice(&mut self, side: usize, heard: &Heard) -> bool {
        let print = Print {
            side,
            n: heard.n,
            at: heard.at,
            interface: heard.interface,
            ttl: heard.ttl,
            id: heard.id,
            same: (
                heard.seq,
                heard.ack,
                heard.flags,
                heard.window,
                heard.len,
                heard.options.ts,
                heard.query,
            ),
            completed: heard.checksum != Checksum::NotYet,
        };
        let first = self.recent.iter().find(|old| old.is_same(&print)).copied();
        if let Some(first) = first {
            let pair = [first.n, heard.n];
            self.found.add(Kind::SeenTwice, 0, 0, &pair);
            return true;
        }
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(print);
        false
    }
}

impl Print {
    fn is_same(&self, other: &Print) -> bool {
        let alike = (self.side, self.same, self.id)
            == (other.side, other.same, other.id);
        let apart = other.at.saturating_sub(self.at).saturating_abs();
        let elsewhere = (self.interface, self.ttl, self.completed)
            != (other.interface, other.ttl, other.completed);
        // Linux gives 0 to what it may not cut; IPv6 has none.
        let named = self.id.is_some_and(|id| id != 0);
        alike
            && match (elsewhere, named) {
                (true, _) => apart <= NEAR,
                (false, true) => apart <= VERY_NEAR,
                (false, false) => false,
            }
    }
}

//! Segments in order -> connections, relative numbers, retransmissions.
//!
//! A 4-tuple can be used again, and an old connection's segments can come
//! between a new one's: a segment belongs to the connection whose numbers it
//! fits.

use std::collections::HashMap;
use std::net::Ipv4Addr;

use lab_kit::{Opt, Segment};

/// Addresses and ports, from the sender's side.
pub(super) type Key = ((Option<Ipv4Addr>, Option<Ipv4Addr>), (u16, u16));

/// The distance of a number that nothing is known of.
const UNKNOWN: u64 = 1 << 20;

#[derive(Default)]
pub(super) struct Flows {
    /// Connections of a 4-tuple (either way round), newest last.
    known: HashMap<Key, Vec<Flow>>,
    count: u32,
}

struct Flow {
    number: u32,
    /// By direction: 0 is that of the key.
    sides: [Side; 2],
}

#[derive(Default, Clone)]
struct Side {
    isn: Option<u32>,
    /// One past the highest sequence number sent.
    next: u32,
    /// Ranges that a raw peer left out: sent later, they are sent once.
    holes: Vec<(u32, u32)>,
    /// Window scale offered in the SYN.
    scale: Option<u8>,
    syn_seen: bool,
}

impl Flows {
    /// Numbers a packet that isn't TCP.
    pub(super) fn number(&mut self, segment: &mut Segment, key: Key) {
        let (key, _) = canonical(key);
        let flows = self.known.entry(key).or_default();
        if flows.is_empty() {
            self.count += 1;
            flows.push(Flow::new(self.count));
        }
        segment.flow = flows[0].number;
    }

    /// Finds the segment's connection and makes its numbers relative.
    pub(super) fn place(
        &mut self,
        segment: &mut Segment,
        key: Key,
        sack: &[(u32, u32)],
    ) {
        let (key, side) = canonical(key);
        let flows = self.known.entry(key).or_default();
        let distances = flows.iter().enumerate().rev().filter_map(|(n, f)| {
            f.distance(segment, side).map(|distance| (distance, n))
        });
        let nearest = distances.min_by_key(|(distance, _)| *distance);
        let index = nearest.map(|(_, n)| n).unwrap_or_else(|| {
            self.count += 1;
            flows.push(Flow::new(self.count));
            flows.len() - 1
        });
        flows[index].take(segment, side, sack);
    }
}

impl Flow {
    fn new(number: u32) -> Flow {
        Flow { number, sides: Default::default() }
    }

    /// How far the segment's numbers are from what is expected next; `None`:
    /// it opens another connection.
    fn distance(&self, segment: &Segment, side: usize) -> Option<u64> {
        let (seq, ack) = segment.raw;
        let (here, there) = (&self.sides[side], &self.sides[1 - side]);
        if segment.flags.has('S') {
            // The same SYN again, the answer to one, or one that crosses it.
            let answers = there.syn_seen
                && (!segment.flags.has('.') || ack == there.next);
            let belongs = here.isn.map_or(answers, |isn| isn == seq);
            return belongs.then_some(0);
        }
        // An RST that answers a lone SYN has sequence number 0.
        let sent = match segment.flags.has('R') && seq == 0 {
            true => 0,
            false => here.distance(seq),
        };
        let acknowledged = match segment.flags.has('.') {
            true => there.distance(ack),
            false => 0,
        };
        Some(sent + acknowledged)
    }

    fn take(
        &mut self,
        segment: &mut Segment,
        side: usize,
        sack: &[(u32, u32)],
    ) {
        let (seq, ack) = segment.raw;
        let here = &mut self.sides[side];
        let syn = segment.flags.has('S');
        if here.isn.is_none() {
            // As tshark has it: what is seen first without a SYN has number 1.
            here.isn = Some(if syn { seq } else { seq.wrapping_sub(1) });
            here.next = seq;
            here.syn_seen = syn;
        }
        if syn {
            here.scale = segment.options.iter().find_map(|o| match o {
                Opt::Wscale(shift) => Some(*shift),
                _ => None,
            });
        }
        let isn = here.isn.unwrap_or_default();
        segment.flow = self.number;
        segment.seq = relative(seq, isn);
        let length = segment.end() - segment.seq;
        let end = seq.wrapping_add(length as u32);
        let newer = end.wrapping_sub(here.next) as i32;
        let late = here.fills_a_hole(seq, end);
        segment.retransmission = length > 0 && newer <= 0 && !late;
        if newer > 0 {
            if seq.wrapping_sub(here.next) as i32 > 0 {
                here.holes.push((here.next, seq));
            }
            here.next = end;
        }
        self.acknowledge(segment, side, ack, sack);
    }

    fn acknowledge(
        &mut self,
        segment: &mut Segment,
        side: usize,
        ack: u32,
        sack: &[(u32, u32)],
    ) {
        let scaled = self.sides.iter().all(|s| s.scale.is_some());
        if scaled && !segment.flags.has('S') {
            segment.window <<= self.sides[side].scale.unwrap_or(0).min(14);
        }
        let there = &mut self.sides[1 - side];
        if segment.flags.has('.') {
            let isn = *there.isn.get_or_insert_with(|| {
                there.next = ack;
                ack.wrapping_sub(1)
            });
            segment.ack = Some(relative(ack, isn));
            let range =
                |(a, b): &(u32, u32)| (relative(*a, isn), relative(*b, isn));
            for option in &mut segment.options {
                if let Opt::Sack(ranges) = option {
                    *ranges = sack.iter().map(range).collect();
                }
            }
        }
    }
}

impl Side {
    /// Whether a segment begins in a range that was left out. What it fills is
    /// left out no more.
    fn fills_a_hole(&mut self, seq: u32, end: u32) -> bool {
        let inside = |&(from, to): &(u32, u32)| {
            seq.wrapping_sub(from) < to.wrapping_sub(from)
        };
        let Some(n) = self.holes.iter().position(inside) else { return false };
        let (from, to) = self.holes.remove(n);
        let rest = [(from, seq), (end, to)];
        let open = |r: &(u32, u32)| r.1.wrapping_sub(r.0) as i32 > 0;
        self.holes.extend(rest.into_iter().filter(open));
        true
    }

    fn distance(&self, number: u32) -> u64 {
        let ahead = number.wrapping_sub(self.next);
        let either_way = u64::from(ahead.min(ahead.wrapping_neg()));
        self.isn.map_or(UNKNOWN, |_| either_way)
    }
}

/// Both directions of a connection share a key; the second is side 1.
fn canonical(key: Key) -> (Key, usize) {
    let ((from, to), (source, destination)) = key;
    if (from, source) <= (to, destination) {
        (((from, to), (source, destination)), 0)
    } else {
        (((to, from), (destination, source)), 1)
    }
}

fn relative(number: u32, isn: u32) -> i64 {
    i64::from(number.wrapping_sub(isn) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Flags, Proto};

    fn key(from: &str, to: &str) -> Key {
        let end = |host| match host {
            "a" => (Some([192, 0, 2, 1].into()), 40000),
            _ => (Some([192, 0, 2, 2].into()), 7000),
        };
        let ((from, source), (to, destination)) = (end(from), end(to));
        ((from, to), (source, destination))
    }

    /// Places `from>to flags seq ack len` and returns `flow seq ack`.
    fn place(flows: &mut Flows, text: &str) -> (u32, i64, Option<i64>, bool) {
        let words: Vec<&str> = text.split(' ').collect();
        let (from, to) = words[0].split_once('>').unwrap();
        let n = |i: usize| words[i].parse::<u32>().unwrap();
        let mut s = Segment {
            at: 0,
            arrived: Some(0),
            from: from.into(),
            to: to.into(),
            flow: 0,
            proto: Proto::Tcp,
            flags: Flags(words[1].into()),
            seq: 0,
            ack: None,
            len: n(4),
            window: 0,
            options: Vec::new(),
            payload: String::new(),
            retransmission: false,
            bad_checksum: false,
            damaged: false,
            raw: (n(2), n(3)),
            bytes: Vec::new(),
        };
        flows.place(&mut s, key(from, to), &[]);
        (s.flow, s.seq, s.ack, s.retransmission)
    }

    #[test]
    fn numbers_are_relative_and_wrap() {
        let mut flows = Flows::default();
        let flow = &mut flows;
        assert_eq!(place(flow, "a>b S 4294967295 0 0"), (1, 0, None, false));
        assert_eq!(place(flow, "b>a S. 500 0 0"), (1, 0, Some(1), false));
        assert_eq!(place(flow, "a>b P. 0 501 5"), (1, 1, Some(1), false));
        assert_eq!(place(flow, "a>b P. 0 501 5"), (1, 1, Some(1), true));
        assert_eq!(place(flow, "b>a . 501 5 0"), (1, 1, Some(6), false));
    }

    #[test]
    fn what_comes_late_for_the_first_time_is_not_again() {
        let mut flows = Flows::default();
        let flow = &mut flows;
        place(flow, "a>b S 4294967290 0 0");
        place(flow, "b>a S. 500 4294967291 0");
        assert!(!place(flow, "a>b P. 1 501 4").3, "10 bytes were left out");
        assert!(!place(flow, "a>b P. 4294967295 501 2").3, "late");
        assert!(place(flow, "a>b P. 4294967295 501 2").3, "again");
        assert!(!place(flow, "a>b P. 4294967291 501 4").3, "later");
        assert!(place(flow, "a>b P. 4294967291 501 10").3, "all of it again");
    }

    #[test]
    fn a_challenge_ack_belongs_to_the_old_connection() {
        let mut flows = Flows::default();
        let flow = &mut flows;
        place(flow, "a>b S 100 0 0");
        place(flow, "b>a S. 900 101 0");
        place(flow, "a>b P. 101 901 1");
        assert_eq!(place(flow, "a>b S 5000 0 0").0, 2);
        assert_eq!(place(flow, "b>a . 901 102 0"), (1, 1, Some(2), false));
        assert_eq!(place(flow, "a>b R 102 0 0"), (1, 2, None, false));
        assert_eq!(place(flow, "a>b S 5000 0 0"), (2, 0, None, true));
        assert_eq!(place(flow, "b>a S. 7000 5001 0").0, 2);
        assert_eq!(place(flow, "a>b . 5001 7001 0"), (2, 1, Some(1), false));
    }

    #[test]
    fn syns_that_cross_open_one_connection() {
        let mut flows = Flows::default();
        let flow = &mut flows;
        assert_eq!(place(flow, "a>b S 100 0 0").0, 1);
        assert_eq!(place(flow, "b>a S 900 0 0"), (1, 0, None, false));
        assert_eq!(place(flow, "a>b S. 100 901 0"), (1, 0, Some(1), true));
        assert_eq!(place(flow, "b>a . 901 101 0"), (1, 1, Some(1), false));
    }

    #[test]
    fn a_reset_without_a_connection_is_numbered() {
        let mut flows = Flows::default();
        assert_eq!(place(&mut flows, "a>b S 100 0 0").0, 1);
        let reset = place(&mut flows, "b>a R. 0 101 0");
        assert_eq!(reset, (1, 1, Some(1), false));
    }
}

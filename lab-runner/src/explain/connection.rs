//! One connection: its segments in the file's order -> what is wrong with it.
//!
//! Each thing that can be seen has a module of its own; all of them add to the
//! same findings.

use std::collections::VecDeque;
use std::net::SocketAddr;

use lab_trace::packet::Checksum;

use super::finding::{Kind, Tallies};
use super::half::{Half, Moment};
use super::heard::{ACK, FIN, Heard, RST, SYN};

/// What a segment was, for its ladder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Anything new.
    Plain,
    /// Its bytes were sent before.
    Again,
    /// The same packet as one before, captured twice.
    Twice,
}

#[derive(Debug)]
pub(crate) struct Connection {
    /// In order of appearance, from 1.
    pub(crate) number: u32,
    pub(crate) tcp: bool,
    /// The client, the server.
    pub(crate) ends: [SocketAddr; 2],
    pub(crate) halves: [Half; 2],
    pub(crate) first: Moment,
    pub(crate) last: Moment,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) found: Tallies,
    /// The client's ACK of the server's SYN.
    pub(crate) established: Option<Moment>,
    pub(crate) reset: Option<(usize, Moment)>,
    /// A RST whose number is ahead, until it is known whether it counted.
    pub(crate) doubted: Option<super::doubt::Doubted>,
    /// A SYN that doesn't belong to it, while it is open.
    pub(crate) foreign: Option<Heard>,
    /// An ACK that doesn't belong to its SYN.
    pub(crate) challenged: Option<Moment>,
    pub(crate) recent: VecDeque<super::twice::Print>,
    pub(crate) queries: VecDeque<super::udp::Query>,
    /// Segments that are kept until they are acknowledged.
    pub(crate) most: usize,
    /// Its SYN-ACK is such as a cookie would be, by the timestamp's low bits.
    pub(crate) cookie_bits: bool,
    /// The former connection of these ends: when it was last heard of.
    pub(crate) former: Option<Moment>,
    /// How long nothing had passed before the last packet, and before the one
    /// before.
    pub(crate) quiet: [i64; 2],
}

impl Connection {
    pub(crate) fn new(number: u32, heard: &Heard) -> Connection {
        let (from, to) = (heard.from, heard.to);
        let from_client = match heard.flags & (SYN | ACK) {
            _ if !heard.tcp => !is_service(from.port(), to.port()),
            SYN => true,
            flags if flags == SYN | ACK => false,
            _ => from.port() >= to.port(),
        };
        let ends = if from_client { [from, to] } else { [to, from] };
        Connection {
            number,
            tcp: heard.tcp,
            ends,
            halves: Default::default(),
            first: Moment::of(heard),
            last: Moment::of(heard),
            packets: 0,
            bytes: 0,
            found: Tallies::default(),
            established: None,
            reset: None,
            doubted: None,
            foreign: None,
            challenged: None,
            recent: VecDeque::new(),
            queries: VecDeque::new(),
            most: 1024,
            cookie_bits: false,
            former: None,
            quiet: [0; 2],
        }
    }

    /// Takes the next packet.
    pub(crate) fn hear(&mut self, heard: &Heard) -> Role {
        self.packets += 1;
        self.bytes += u64::from(heard.size);
        let quiet = heard.at.saturating_sub(self.last.at).max(0);
        self.quiet = [quiet, self.quiet[0]];
        self.last.n = heard.n;
        self.last.at = self.last.at.max(heard.at);
        let side = usize::from(heard.from != self.ends[0]);
        if self.ends[0] == self.ends[1] {
            let known = self.found.get(Kind::SelfConnect).is_some();
            if heard.tcp && !known {
                self.found.add(Kind::SelfConnect, 0, 0, &[heard.n]);
            }
            return Role::Plain;
        }
        if self.is_twice(side, heard) {
            return Role::Twice;
        }
        if !heard.tcp {
            self.hear_udp(side, heard);
            return Role::Plain;
        }
        self.check_sum(side, heard);
        let role = self.hear_tcp(side, heard);
        let half = &mut self.halves[side];
        half.packets += 1;
        half.data += u64::from(heard.len);
        half.last = Some(Moment::of(heard));
        if heard.len > 0 {
            half.last_data = half.last;
        }
        role
    }

    fn hear_tcp(&mut self, side: usize, heard: &Heard) -> Role {
        if heard.has(RST) {
            self.hear_reset(side, heard);
            return Role::Plain;
        }
        if heard.has(SYN) {
            return self.hear_syn(side, heard);
        }
        if self.is_challenge(side, heard) {
            return Role::Plain;
        }
        self.halves[side].start(heard.seq, 1);
        self.is_it_reset(side, heard);
        if heard.has(ACK) {
            self.hear_ack(side, heard);
        }
        let role = match heard.len > 0 || heard.has(FIN) {
            true => self.hear_data(side, heard),
            false => self.hear_empty(side, heard),
        };
        if heard.has(FIN) && self.halves[side].fin.is_none() {
            let at = self.halves[side].relative(heard.seq);
            let end = at + i64::from(heard.len) + 1;
            self.halves[side].fin = Some((end, Moment::of(heard)));
        }
        role
    }

    /// Nothing more is to be expected of it.
    pub(crate) fn is_over(&self) -> bool {
        let closed = self.halves.iter().all(|half| half.fin.is_some());
        let doubted = self.doubted.as_ref();
        self.reset.is_some() || doubted.is_some_and(|d| d.is_open()) || closed
    }

    /// The path's round trip, as the handshake showed it.
    pub(crate) fn path(&self) -> Option<i64> {
        let [client, server] = &self.halves;
        let syn = client.syn?;
        let ack = self.established?;
        let once = client.syn_times == 1 && server.syn_times == 1;
        let path = ack.at.saturating_sub(syn.at);
        (once && path >= 0).then_some(path)
    }

    fn check_sum(&mut self, side: usize, heard: &Heard) {
        match heard.checksum {
            Checksum::Wrong => {
                self.halves[side].bad += 1;
                self.found.add(Kind::BadChecksum, side, 0, &[heard.n]);
            }
            Checksum::NotYet => {
                self.found.add(Kind::NotComputed, side, 0, &[heard.n]);
            }
            Checksum::Right | Checksum::Unknown => {}
        }
    }
}

/// Of UDP nobody says who asks: the lower port serves, if it is a low one.
fn is_service(from: u16, to: u16) -> bool {
    from < 1024 && from < to
}

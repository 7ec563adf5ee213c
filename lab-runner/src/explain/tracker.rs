//! Frames in the file's order -> connections, each told its own packets; a
//! file of any length takes the memory of what is open in it.

use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::net::{IpAddr, SocketAddr};

use lab_trace::packet::{Inner, packet};
use lab_trace::reader::Captured;

use super::connection::{Connection, Role};
use super::finding::Kind;
use super::fragments::Fragments;
use super::half::Moment;
use super::heard::{Heard, quoted};
use super::summary::{Listed, Summaries};

/// Connections that are followed at once.
const OPEN: usize = 20_000;
/// Segments that are kept until acknowledged, of all together; with more, each
/// connection keeps few.
const SENT: usize = 1 << 20;
/// A connection that has ended, or a flow of UDP, is heard of no more after so
/// long.
const OVER: i64 = 120_000_000_000;
/// How often that is looked at, in packets.
const SWEEP: u64 = 65_536;

/// TCP or not, and both ends, the lesser first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) tcp: bool,
    ends: [SocketAddr; 2],
}

impl Key {
    pub(crate) fn of(tcp: bool, a: SocketAddr, b: SocketAddr) -> Key {
        Key { tcp, ends: if a <= b { [a, b] } else { [b, a] } }
    }

    pub(crate) fn of_heard(heard: &Heard) -> Key {
        Key::of(heard.tcp, heard.from, heard.to)
    }
}

/// The hash function, which nobody can aim at, takes long for each piece: of
/// IPv4 there is one.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b] = &self.ends;
        let ports = u32::from(a.port()) << 16 | u32::from(b.port());
        let ports = u64::from(self.tcp) << 32 | u64::from(ports);
        match (a.ip(), b.ip()) {
            (IpAddr::V4(a), IpAddr::V4(b)) => {
                let ends =
                    u64::from(a.to_bits()) << 32 | u64::from(b.to_bits());
                state.write_u128(u128::from(ports) << 64 | u128::from(ends));
            }
            (a, b) => (a, b, ports).hash(state),
        }
    }
}

/// What passed, in numbers.
#[derive(Debug, Clone, Default)]
pub(crate) struct Passed {
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) first: Option<i64>,
    pub(crate) last: i64,
    pub(crate) connections: u64,
    /// Neither TCP nor UDP.
    pub(crate) others: u64,
    /// Of a link that we don't read; the last of them.
    pub(crate) unread: u64,
    pub(crate) unread_link: u32,
    /// Cut before the ports and flags.
    pub(crate) cut: u64,
    /// Connections that were closed here, since too many were open.
    pub(crate) dropped: u64,
}

#[derive(Default)]
pub(crate) struct Tracker {
    open: HashMap<Key, Box<Connection>>,
    fragments: Fragments,
    pub(crate) passed: Passed,
    pub(crate) done: Summaries,
    sent: usize,
}

impl Tracker {
    pub(crate) fn take(&mut self, frame: &Captured) {
        let passed = &mut self.passed;
        passed.packets += 1;
        passed.bytes += u64::from(frame.len.max(frame.bytes.len() as u32));
        passed.first.get_or_insert(frame.at);
        passed.last = match passed.packets {
            1 => frame.at,
            _ => passed.last.max(frame.at),
        };
        let (n, at) = (passed.packets, frame.at);
        match packet(frame.link, frame.bytes, frame.len) {
            Ok(mut packet) => {
                self.fragments.join(&mut packet);
                match Heard::of(n, at, frame.interface, &packet) {
                    Some(heard) => self.hear(&heard),
                    None => self.other(n, at, &packet.inner),
                }
            }
            Err(lab_trace::packet::NotIp::Link(link)) => {
                self.passed.unread += 1;
                self.passed.unread_link = link;
            }
            Err(_) => self.passed.others += 1,
        }
        if n.is_multiple_of(SWEEP) {
            self.sweep();
        }
    }

    fn other(&mut self, n: u64, at: i64, inner: &Inner) {
        self.passed.others += 1;
        match inner {
            Inner::Cut(6 | 17) => self.passed.cut += 1,
            Inner::Icmp(icmp) => {
                let Some((tcp, from, to)) = quoted(icmp) else { return };
                let key = Key::of(tcp, from, to);
                if let Some(connection) = self.open.get_mut(&key) {
                    connection.hear_icmp(icmp, from, Moment { n, at });
                }
            }
            _ => {}
        }
    }

    fn hear(&mut self, heard: &Heard) {
        let key = Key::of_heard(heard);
        if let Some(connection) = self.open.get_mut(&key) {
            match successor(connection, heard) {
                Successor::None => {
                    let before = held(connection);
                    connection.hear(heard);
                    self.sent = self.sent + held(connection) - before;
                    return;
                }
                Successor::Waits => {
                    connection.hear_foreign(heard);
                    return;
                }
                Successor::Follows(syn) => {
                    let former = self.end(&key);
                    self.begin(key, syn.as_deref().unwrap_or(heard), former);
                    if syn.is_some()
                        && let Some(connection) = self.open.get_mut(&key)
                    {
                        connection.hear(heard);
                    }
                    return;
                }
            }
        }
        self.begin(key, heard, None);
    }

    fn begin(&mut self, key: Key, heard: &Heard, former: Option<Moment>) {
        if self.open.len() >= OPEN {
            self.make_room();
        }
        self.passed.connections += 1;
        let number = self.passed.connections as u32;
        let mut connection = Box::new(Connection::new(number, heard));
        if self.sent > SENT {
            connection.most = 16;
        }
        if let Some(former) = former {
            connection.former = Some(former);
            let ago = heard.at.saturating_sub(former.at);
            let packets = [former.n, heard.n];
            connection.found.add(Kind::PortReused, 0, ago, &packets);
        }
        connection.hear(heard);
        self.sent += held(&connection);
        self.open.insert(key, connection);
    }

    /// Takes it from those that are open; when it was last heard of, if it had
    /// been one that a port is kept for.
    fn end(&mut self, key: &Key) -> Option<Moment> {
        let mut connection = self.open.remove(key)?;
        self.sent = self.sent.saturating_sub(held(&connection));
        connection.finish(self.passed.last);
        let was_open = connection.established.is_some()
            || connection.halves.iter().all(|half| half.packets > 0);
        let last = connection.last;
        self.done.add(Listed::of(*key, &connection));
        was_open.then_some(last)
    }

    fn sweep(&mut self) {
        let before = self.passed.last.saturating_sub(OVER);
        let over =
            |c: &Connection| c.last.at < before && (c.is_over() || !c.tcp);
        let mut keys: Vec<(u32, Key)> = self
            .open
            .iter()
            .filter(|(_, c)| over(c))
            .map(|(k, c)| (c.number, *k))
            .collect();
        keys.sort_unstable_by_key(|(number, _)| *number);
        for (_, key) in keys {
            self.end(&key);
        }
        let few = self.sent > SENT;
        for connection in self.open.values_mut().filter(|_| few) {
            connection.most = 16;
        }
    }

    /// Ends a tenth: those that are over, then those silent for longest.
    fn make_room(&mut self) {
        self.sweep();
        if self.open.len() < OPEN {
            return;
        }
        let mut all: Vec<(i64, u32, Key)> =
            self.open.iter().map(|(k, c)| (c.last.at, c.number, *k)).collect();
        all.sort_unstable_by_key(|(at, number, _)| (*at, *number));
        for (_, _, key) in all.into_iter().take(OPEN / 10) {
            self.passed.dropped += 1;
            self.end(&key);
        }
    }

    /// The file has ended.
    pub(crate) fn finish(&mut self) {
        let mut keys: Vec<(u32, Key)> =
            self.open.iter().map(|(k, c)| (c.number, *k)).collect();
        keys.sort_unstable_by_key(|(number, _)| *number);
        for (_, key) in keys {
            self.end(&key);
        }
        self.done.finish();
    }
}

fn held(connection: &Connection) -> usize {
    connection.halves.iter().map(|half| half.sent.len()).sum()
}

/// Whether a packet begins the next connection of the same ends.
enum Successor {
    None,
    /// It may: a SYN while the old one is open.
    Waits,
    /// It does; or the SYN before it did.
    Follows(Option<Box<Heard>>),
}

fn successor(connection: &Connection, heard: &Heard) -> Successor {
    if !heard.tcp {
        return Successor::None;
    }
    if heard.is_syn_ack()
        && let Some(syn) = connection.foreign
        && syn.from == heard.to
        && heard.ack == syn.seq.wrapping_add(1)
    {
        return Successor::Follows(Some(Box::new(syn)));
    }
    if !heard.is_syn() {
        return Successor::None;
    }
    let side = usize::from(heard.from != connection.ends[0]);
    let half = &connection.halves[side];
    let known = half.syn.is_some() && half.base == Some(heard.seq);
    let crossing = half.base.is_none() && !connection.is_over();
    if known && !connection.is_over() || crossing {
        return Successor::None;
    }
    let is_twice = known
        && connection.packets < 3
        && heard.at.saturating_sub(connection.first.at) < 20_000_000;
    if is_twice {
        return Successor::None;
    }
    let unanswered = connection.halves[1 - side].packets == 0;
    match connection.is_over() || unanswered {
        true => Successor::Follows(None),
        false => Successor::Waits,
    }
}

/// Tells a connection its next packet, as the tracker did.
pub(super) fn hear_one(connection: &mut Connection, heard: &Heard) -> Role {
    match successor(connection, heard) {
        Successor::Waits => {
            connection.hear_foreign(heard);
            Role::Plain
        }
        Successor::None | Successor::Follows(_) => connection.hear(heard),
    }
}

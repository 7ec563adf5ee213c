//! A connection's two state machines, driven by what leaves and what arrives.

use super::side::{Happened, Side, State};
use super::{States, is_taken};
use crate::evidence::Evidence;
use crate::trace::Segment;

/// Counters that grow when a listener answers without a socket, or throws away
/// the ACK that would have made one.
const DOUBTS: [&str; 3] = [
    "TcpExtSyncookiesSent",
    "TcpExtListenOverflows",
    "TcpExtTCPDeferAcceptDrop",
];

#[derive(Debug)]
pub(super) struct Connection {
    sides: [Side; 2],
}

impl Connection {
    /// As its first segment shows it.
    pub(super) fn between(first: &Segment, run: &Evidence) -> Connection {
        let side = |host: &String| {
            let counters = run.counters.get(host);
            let grew = |name: &&str| {
                counters.and_then(|c| c.get(*name)).is_some_and(|n| *n > 0)
            };
            Side {
                host: host.clone(),
                is_in_doubt: DOUBTS.iter().any(grew),
                ..Side::default()
            }
        };
        Connection { sides: [&first.from, &first.to].map(side) }
    }

    /// What is still to come of a trace.
    pub(super) fn foretell(&mut self, segment: &Segment, when: Happened) {
        let Some(side) = self.side(&segment.from) else { return };
        let future = &mut side.future;
        let flags = &segment.flags;
        future.first.get_or_insert_with(|| flags.0.clone());
        if flags.has('S') && flags.has('.') {
            future.last_answer = Some(when);
        }
        if flags.0 == "R" && future.gone.is_none() {
            future.gone = Some((future.last, when));
        }
        future.last = Some(when);
    }

    pub(super) fn states(&self) -> States {
        let known = self.sides.iter().filter_map(|side| {
            let state = side.state?.name();
            Some((side.host.clone(), state.to_string()))
        });
        known.collect()
    }

    fn side(&mut self, host: &str) -> Option<&mut Side> {
        self.sides.iter_mut().find(|side| side.host == host)
    }

    /// Sender and receiver; `None`: a third party spoke in another's name.
    fn ends(&mut self, segment: &Segment) -> Option<(&mut Side, &mut Side)> {
        let [a, b] = &mut self.sides;
        match (&segment.from, &segment.to) {
            (from, to) if *from == a.host && *to == b.host => Some((a, b)),
            (from, to) if *from == b.host && *to == a.host => Some((b, a)),
            _ => None,
        }
    }

    /// A segment leaves.
    pub(super) fn sends(&mut self, segment: &Segment) {
        let Some((own, peer)) = self.ends(segment) else { return };
        let flags = &segment.flags;
        let is_new = segment.end() > own.sent;
        own.sent = own.sent.max(segment.end());
        if flags.has('R') {
            // To an ACK that fits nothing, a socket that waits for the answer
            // to its SYN says RST, and goes on waiting.
            if !own.is(State::SynSent) || flags.has('.') {
                own.state = Some(State::None);
            }
            return;
        }
        if flags.has('S') {
            own.state = match (flags.has('.'), own.state) {
                (false, None | Some(State::None | State::Listen)) => {
                    peer.state = peer.state.or_else(|| before(peer));
                    Some(State::SynSent)
                }
                (true, None | Some(State::Listen)) if own.is_in_doubt => None,
                (
                    true,
                    None | Some(State::None | State::Listen | State::SynSent),
                ) => Some(State::SynReceived),
                (_, state) => state,
            };
        } else {
            own.received.acknowledge(segment);
            own.hears_the_end();
            own.proves_a_socket();
            if is_new && (segment.len > 0 || flags.has('F')) {
                in_the_middle(own, peer);
            }
        }
        if flags.has('F') && own.fin.is_none() {
            own.fin = Some(segment.end());
            own.state = match own.state {
                Some(State::Established | State::SynReceived) => {
                    Some(State::FinWait1)
                }
                Some(State::CloseWait) => Some(State::LastAck),
                None if own.received.is_ended() => Some(State::LastAck),
                None if peer.is_open => Some(State::FinWait1),
                state => state,
            };
        }
    }

    /// It reaches the other end.
    pub(super) fn takes(&mut self, segment: &Segment, when: Happened) {
        if !is_taken(segment) {
            return;
        }
        let Some((_, own)) = self.ends(segment) else {
            return self.takes_from_a_stranger(segment);
        };
        if segment.flags.has('R') {
            return reset(own, segment);
        }
        if segment.flags.has('S') {
            opened(own, segment);
        } else if own.is(State::SynReceived) && acks(own, segment) {
            own.state = own.established(when);
        }
        own.received.take(segment);
        if own.has_gone(when) {
            own.state = None;
            return;
        }
        if own.fin_is_acked(segment) {
            own.state = match own.state {
                Some(State::FinWait1) => Some(State::FinWait2),
                Some(State::Closing) => Some(State::TimeWait),
                Some(State::LastAck) => Some(State::None),
                state => state,
            };
        }
        own.hears_the_end();
    }

    /// A forged RST works like one of the peer's.
    fn takes_from_a_stranger(&mut self, segment: &Segment) {
        if let Some(own) = self.side(&segment.to)
            && segment.flags.has('R')
        {
            reset(own, segment);
        }
    }
}

/// The state of whoever is sent a SYN, known by the answer to it.
fn before(side: &Side) -> Option<State> {
    match side.future.first.as_deref() {
        Some("S") => Some(State::None),
        Some(flags) if flags.contains('S') => Some(State::Listen),
        _ => None,
    }
}

/// In a capture that began in the middle: whoever sends something new had not
/// ended before. If neither had, both are established.
fn in_the_middle(own: &mut Side, peer: &mut Side) {
    own.is_open = true;
    let neither = peer.is_open && own.fin.is_none() && peer.fin.is_none();
    if neither && own.state.is_none() && peer.state.is_none() {
        own.state = Some(State::Established);
        peer.state = Some(State::Established);
    }
}

/// Whether it acknowledges something that was sent.
fn acks(own: &Side, segment: &Segment) -> bool {
    segment.ack.is_some_and(|ack| (1..=own.sent).contains(&ack))
}

/// What an acceptable RST does (RFC 9293, 3.10.7.2 to 3.10.7.4; RFC 5961 for
/// the number that it must have).
fn reset(own: &mut Side, segment: &Segment) {
    let exact = own.received.next == Some(segment.seq);
    own.state = match own.state {
        Some(State::SynSent) if acks(own, segment) => Some(State::None),
        Some(State::SynSent | State::Listen) => own.state,
        Some(_) if exact => Some(State::None),
        state => state,
    };
}

/// A SYN, or the answer to one, arrives.
fn opened(own: &mut Side, segment: &Segment) {
    let is_answer = segment.flags.has('.');
    own.state = match own.state {
        Some(State::SynSent | State::SynReceived)
            if is_answer && acks(own, segment) =>
        {
            Some(State::Established)
        }
        None if is_answer && own.received.next.is_none() => {
            Some(State::Established)
        }
        Some(State::SynSent) if !is_answer => Some(State::SynReceived),
        state => state,
    };
}

impl Side {
    /// An ACK may be thrown away: the application's queue is full, or it wants
    /// data first. Then SYN and ACK are sent again, or nothing more is known.
    fn established(&self, when: Happened) -> Option<State> {
        let again = self.future.last_answer.is_some_and(|last| last > when);
        match (again, self.is_in_doubt) {
            (true, _) => self.state,
            (false, true) => None,
            (false, false) => Some(State::Established),
        }
    }

    /// What the peer's FIN does, once all before it has come.
    fn hears_the_end(&mut self) {
        if !self.received.is_ended() {
            return;
        }
        self.state = match self.state {
            Some(State::Established | State::SynReceived) => {
                Some(State::CloseWait)
            }
            Some(State::FinWait1) => Some(State::Closing),
            Some(State::FinWait2) => Some(State::TimeWait),
            None if self.is_open && self.fin.is_none() => {
                Some(State::CloseWait)
            }
            state => state,
        };
    }

    /// It sends what a listener never does.
    fn proves_a_socket(&mut self) {
        let answered = self.future.last_answer.is_some();
        if self.state.is_none() && self.is_in_doubt && answered {
            self.state = Some(match self.received.is_ended() {
                true => State::CloseWait,
                false => State::Established,
            });
        }
    }

    /// An RST without ACK will say that there was no socket any more: since
    /// when, nobody saw.
    fn has_gone(&self, when: Happened) -> bool {
        let gone = self.future.gone;
        !self.is(State::SynSent)
            && gone
                .is_some_and(|(last, reset)| last < Some(when) && when < reset)
    }
}

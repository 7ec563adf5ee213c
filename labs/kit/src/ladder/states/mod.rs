//! A trace -> the states of each connection's two sockets after each packet,
//! as RFC 9293, section 3.3.2, has them follow from the segments.
//!
//! An observer's machine: it sees segments, not calls, timers or memory. Where
//! these decide, it says nothing of that host.

mod machine;
mod side;

use std::collections::BTreeMap;

use crate::evidence::Evidence;
use crate::trace::{Proto, Segment, Trace};
use machine::Connection;
pub(super) use side::{Happened, Received};

/// Host and state; `-`: no socket of this connection.
pub type States = BTreeMap<String, String>;

/// In step with the trace's segments: the states once the packet has arrived,
/// or was lost.
pub fn states(run: &Evidence) -> Vec<States> {
    states_of(run, &events(&run.trace))
}

pub(super) fn states_of(run: &Evidence, events: &[Event]) -> Vec<States> {
    let segments = &run.trace.segments;
    let mut states = vec![States::new(); segments.len()];
    walk(run, events, i64::MAX, |event, connection| {
        if event.arrives || segments[event.n].arrived.is_none() {
            states[event.n] = connection.states();
        }
    });
    states
}

/// The states of all connections at a moment, by flow. A host that is not there
/// is not known.
pub fn states_at(run: &Evidence, at: i64) -> BTreeMap<u32, States> {
    let connections = walk(run, &events(&run.trace), at, |_, _| {});
    connections.iter().map(|(flow, c)| (*flow, c.states())).collect()
}

fn walk(
    run: &Evidence,
    events: &[Event],
    until: i64,
    mut look: impl FnMut(&Event, &Connection),
) -> BTreeMap<u32, Connection> {
    let mut connections = connections(run, events);
    for event in events.iter().take_while(|e| e.when.0 <= until) {
        let segment = &run.trace.segments[event.n];
        let Some(connection) = connections.get_mut(&segment.flow) else {
            continue;
        };
        match event.arrives {
            false => connection.sends(segment),
            true => connection.takes(segment, event.when),
        }
        look(event, connection);
    }
    connections
}

/// A segment leaves, or reaches the other end.
pub(super) struct Event {
    pub(super) when: Happened,
    pub(super) n: usize,
    pub(super) arrives: bool,
}

/// In the order in which they happened. A cable's stamps may go back by
/// microseconds, its order doesn't.
pub(super) fn events(trace: &Trace) -> Vec<Event> {
    let mut events = Vec::new();
    let mut latest = i64::MIN;
    for (n, segment) in trace.segments.iter().enumerate() {
        latest = latest.max(segment.at);
        let event = |at, arrives| Event { when: (at, n, arrives), n, arrives };
        events.push(event(latest, false));
        if let Some(arrived) = segment.arrived {
            events.push(event(arrived.max(latest), true));
        }
    }
    events.sort_by_key(|event| event.when);
    events
}

/// TCP's, between two hosts that can be told apart.
fn connections(run: &Evidence, events: &[Event]) -> BTreeMap<u32, Connection> {
    let mut connections = BTreeMap::new();
    for event in events {
        let segment = &run.trace.segments[event.n];
        let is_ours = segment.proto == Proto::Tcp && segment.from != segment.to;
        if event.arrives || !is_ours {
            continue;
        }
        connections
            .entry(segment.flow)
            .or_insert_with(|| Connection::between(segment, run))
            .foretell(segment, event.when);
    }
    connections
}

/// Whether the receiver's kernel had it as it was sent.
pub(super) fn is_taken(segment: &Segment) -> bool {
    segment.arrived.is_some() && !segment.damaged && !segment.bad_checksum
}

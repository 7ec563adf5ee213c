//! A trace -> what each packet is for in its conversation: one short sentence,
//! of what the trace shows. Why a program did it, no trace shows.

mod end;
mod other;
mod tcp;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::states::{Event, events};
use crate::evidence::Evidence;
use crate::trace::{Proto, Segment};
use end::End;

/// In step with the trace's segments.
pub fn meanings(run: &Evidence) -> Vec<String> {
    meanings_of(run, &events(&run.trace), false)
}

/// If the run goes on, what has not arrived is not lost.
pub(super) fn meanings_of(
    run: &Evidence,
    events: &[Event],
    goes_on: bool,
) -> Vec<String> {
    let segments = &run.trace.segments;
    let mut sentences = vec![String::new(); segments.len()];
    let mut talks: HashMap<u32, Talk> = HashMap::new();
    for &Event { n, arrives, .. } in events {
        let segment = &segments[n];
        if segment.proto != Proto::Tcp {
            if !arrives {
                sentences[n] = other::meaning(segment);
            }
            continue;
        }
        if segment.from == segment.to {
            // Its two ends can't be told apart.
            let (own, peer) = (End::default(), End::default());
            sentences[n] = tcp::meaning(segment, &own, &peer);
            continue;
        }
        let talk = talks.entry(segment.flow);
        let talk = talk.or_insert_with(|| Talk::between(segment));
        match (talk.ends(segment), arrives) {
            (None, false) => {
                sentences[n] = "is sent in another host's name".into();
            }
            (None, true) => {}
            (Some((own, peer)), false) => {
                sentences[n] = tcp::meaning(segment, own, peer);
                own.sends(segment);
            }
            (Some((own, peer)), true) => {
                peer.takes(segment, own);
                own.arrived_at_peer(segment, peer);
            }
        }
    }
    for (sentence, segment) in sentences.iter_mut().zip(segments) {
        if let Some(fate) = fate(segment, goes_on) {
            *sentence += "; ";
            *sentence += fate;
        }
    }
    sentences
}

/// What became of it on its way.
fn fate(segment: &Segment, goes_on: bool) -> Option<&'static str> {
    match segment {
        Segment { arrived: None, .. } if goes_on => Some("it is under way"),
        Segment { arrived: None, .. } => Some("it is lost"),
        Segment { damaged: true, .. } => {
            Some("it arrives damaged and is not taken")
        }
        Segment { bad_checksum: true, .. } => Some("its checksum is wrong"),
        _ => None,
    }
}

/// A connection, as far as its segments tell.
struct Talk {
    ends: [End; 2],
}

impl Talk {
    fn between(first: &Segment) -> Talk {
        Talk { ends: [&first.from, &first.to].map(|host| End::of(host)) }
    }

    /// Sender and receiver; `None`: a third host spoke.
    fn ends(&mut self, segment: &Segment) -> Option<(&mut End, &mut End)> {
        let [a, b] = &mut self.ends;
        match (&segment.from, &segment.to) {
            (from, to) if *from == a.host && *to == b.host => Some((a, b)),
            (from, to) if *from == b.host && *to == a.host => Some((b, a)),
            _ => None,
        }
    }
}

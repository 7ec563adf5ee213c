//! Captures at one or both ends of links -> each frame once, with when it
//! left and when it arrived.

use std::collections::{BTreeSet, HashMap};

use crate::{Frame, Seen};

/// A frame on its way.
pub(super) struct Travelled<'a> {
    /// As its sender's interface had it.
    pub(super) frame: &'a Frame,
    /// When the other interface had it; `None`: it never did.
    pub(super) arrived: Option<i64>,
    /// It arrived as something else than it was sent.
    pub(super) damaged: bool,
}

/// In order of sending. Within one capture the ring's order is kept.
pub(super) fn travelled<'a>(
    notes: &Seen,
    frames: &'a [Vec<Frame>],
) -> Vec<Travelled<'a>> {
    let links: BTreeSet<usize> = notes.taps.iter().map(|t| t.link).collect();
    let mut all = Vec::new();
    for link in links {
        let taps: Vec<usize> = (0..notes.taps.len())
            .filter(|&n| notes.taps[n].link == link)
            .collect();
        match taps[..] {
            [one] => all.push(cable(&frames[one])),
            [a, b] => all.push(wire(notes, (a, &frames[a]), (b, &frames[b]))),
            _ => {}
        }
    }
    merge(all)
}

fn cable(frames: &[Frame]) -> Vec<Travelled<'_>> {
    let at =
        |frame| Travelled { frame, arrived: Some(frame.at), damaged: false };
    frames.iter().map(at).collect()
}

/// What each end sent, and when the other end had it. A frame that the wire
/// changed left as one thing and arrived as another: it is matched by all but
/// its last byte.
fn wire<'a>(
    notes: &Seen,
    (a, at_a): (usize, &'a [Frame]),
    (b, at_b): (usize, &'a [Frame]),
) -> Vec<Travelled<'a>> {
    let sends = |tap: usize, frame: &Frame| {
        let host = &notes.taps[tap].host;
        let source = frame.bytes.get(6..12);
        notes.ends.iter().any(|e| e.host == *host && source == Some(&e.mac[..]))
    };
    let lane = |tap: usize, here: &'a [Frame], there: &'a [Frame]| {
        let mut arrivals: HashMap<&[u8], Vec<&Frame>> = HashMap::new();
        for frame in there.iter().rev().filter(|f| sends(tap, f)) {
            arrivals.entry(core(frame)).or_default().push(frame);
        }
        let sent = here.iter().filter(|f| sends(tap, f));
        sent.map(|frame| {
            let came = arrivals.get_mut(core(frame)).and_then(Vec::pop);
            let damaged = came.is_some_and(|f| f.bytes != frame.bytes);
            Travelled { frame, arrived: came.map(|f| f.at), damaged }
        })
        .collect::<Vec<_>>()
    };
    merge(vec![lane(a, at_a, at_b), lane(b, at_b, at_a)])
}

fn core(frame: &Frame) -> &[u8] {
    &frame.bytes[..frame.bytes.len().saturating_sub(1)]
}

fn merge(lists: Vec<Vec<Travelled<'_>>>) -> Vec<Travelled<'_>> {
    let mut lists: Vec<_> =
        lists.into_iter().map(|l| l.into_iter().peekable()).collect();
    let mut all = Vec::new();
    loop {
        let next = lists
            .iter_mut()
            .enumerate()
            .filter_map(|(n, list)| list.peek().map(|t| (t.frame.at, n)));
        let Some((_, n)) = next.min() else { return all };
        all.extend(lists[n].next());
    }
}

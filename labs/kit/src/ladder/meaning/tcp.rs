//! A segment of TCP, and what both ends knew when it left -> its sentence.

use std::time::Duration;

use super::end::{End, Heard, has_sack, sack};
use super::other::bytes;
use crate::claim::say;
use crate::trace::{Opt, Segment};

pub(super) fn meaning(segment: &Segment, own: &End, peer: &End) -> String {
    let flags = &segment.flags;
    if flags.has('R') {
        return reset(segment, own, peer).into();
    }
    if flags.has('S') {
        return opens(segment, own, peer);
    }
    if own.is_probe(segment) {
        return probe(own);
    }
    let mut parts = Vec::new();
    match sends(segment, own) {
        Some(sent) => {
            parts.push(sent);
            parts.extend(acknowledges(segment, own, peer));
            parts.extend(window(segment, own));
        }
        None => {
            let news = acknowledges(segment, own, peer);
            let is_news = news.is_some();
            parts.extend(news);
            parts.extend(window(segment, own));
            if parts.is_empty() || has_sack(segment) {
                parts.push(repeats(segment, own, peer));
            } else if !is_news && own.heard == Heard::Probe {
                parts.insert(0, "answers the probe".into());
            }
        }
    }
    parts.join("; ")
}

fn reset(segment: &Segment, own: &End, peer: &End) -> &'static str {
    let answers = segment.flags.has('.');
    match (answers, own.opened) {
        (true, false) if peer.opened => "refuses the connection",
        (false, _) => {
            "resets the connection; without ACK, as one answers a segment of \
             no connection"
        }
        _ => "resets the connection: ends both directions at once",
    }
}

fn opens(segment: &Segment, own: &End, peer: &End) -> String {
    let answers = segment.flags.has('.');
    let again = own.copies.get(&segment.seq);
    let mut text = match (answers, again) {
        (false, None) => {
            let crosses = peer.opened && own.heard == Heard::Nothing;
            match crosses {
                true => "asks for a connection, as the other end does",
                false => "asks for a connection",
            }
            .to_string()
        }
        (true, None) => {
            "accepts: acknowledges the SYN and sends its own".into()
        }
        (true, Some(_)) if own.acks.is_none() => {
            "acknowledges the SYN that crossed its own".into()
        }
        (_, Some(copy)) => {
            let (what, name) = match answers {
                true => ("accepts again", "SYN ACK"),
                false => ("asks again", "SYN"),
            };
            let since = since(copy.at, segment.at);
            match copy.lost {
                true => format!("{what}, {since} later: the {name} was lost"),
                false => format!("{what}, {since} later"),
            }
        }
    };
    let cookie = segment.options.iter().find_map(|o| match o {
        Opt::FastOpen(len) => Some(*len),
        _ => None,
    });
    match (answers, cookie) {
        (false, Some(0)) => text += " and for a Fast Open cookie",
        (true, Some(1..)) => text += ", with a Fast Open cookie",
        _ => {}
    }
    if segment.len > 0 {
        text += &format!("; carries {}", range(1, i64::from(segment.len) + 1));
    }
    if answers && let Some(ack @ 2..) = segment.ack {
        text += &format!("; takes {}", range(1, ack));
    }
    text
}

fn probe(own: &End) -> String {
    match own.peer_window {
        Some(0) => "probes the closed window".into(),
        _ => "keepalive probe: asks whether the other end is there".into(),
    }
}

/// What it carries: bytes, the end of a direction.
fn sends(segment: &Segment, own: &End) -> Option<String> {
    let ends = segment.flags.has('F');
    if segment.len == 0 && !ends {
        return None;
    }
    let to = segment.seq.saturating_add(segment.len.into());
    let carried = range(segment.seq, to);
    if !segment.retransmission {
        let probes = own.peer_window == Some(0) && segment.len == 1 && !ends;
        return Some(match (segment.len, ends) {
            _ if probes => format!("probes the closed window with {carried}"),
            (0, _) => "ends this direction".into(),
            (_, false) => format!("carries {carried}"),
            (_, true) => format!("carries {carried} and ends this direction"),
        });
    }
    let what = match segment.len {
        0 => "ends this direction again".to_string(),
        _ if ends => format!("{carried} and the FIN again"),
        _ => format!("{carried} again"),
    };
    let copy = own.copies.get(&segment.seq);
    let later = copy.map_or(String::new(), |copy| {
        format!(", {} later", since(copy.at, segment.at))
    });
    let end = segment.end();
    let why = match copy {
        Some(copy) if copy.lost => ": the copy before was lost".into(),
        Some(copy) if copy.damaged => ": the copy before was damaged".into(),
        _ if own.is_acked >= Some(end) => ", although acknowledged".into(),
        _ if own.duplicates >= 3 && own.is_acked == Some(segment.seq) => {
            format!(", after {} duplicate ACKs", own.duplicates)
        }
        _ if own.delivered.get(&end).is_some_and(|d| d.seen_there) => {
            ": the copy before had arrived".into()
        }
        _ => String::new(),
    };
    Some(format!("{what}{later}{why}"))
}

/// What is acknowledged for the first time, and how long after it came.
fn acknowledges(segment: &Segment, own: &End, peer: &End) -> Option<String> {
    let ack = segment.ack.filter(|_| segment.flags.has('.'))?;
    let before = match own.acks {
        Some(before) if before >= ack => return None,
        Some(before) => before,
        // Of a capture that begins in the middle; or the handshake's third.
        None if !peer.opened || ack < 1 => {
            return Some(format!("acknowledges all before byte {ack}"));
        }
        None if ack == 1 => {
            return Some(
                "acknowledges the SYN: the handshake is complete".into(),
            );
        }
        None => 1,
    };
    let of_fin = peer.fin == Some(ack);
    let to = if of_fin { ack - 1 } else { ack };
    let what = match (to > before, of_fin) {
        (true, true) => format!("{} and the FIN", range(before, to)),
        (true, false) => range(before, to),
        (false, _) if of_fin => "the FIN".into(),
        (false, _) => format!("all before byte {ack}"),
    };
    let came = peer.delivered.get(&ack).filter(|d| d.at <= segment.at);
    let when = came.map_or(String::new(), |came| {
        let one = to <= before || to == before + 1;
        let (them, they) = if one && !(of_fin && to > before) {
            ("it", "it")
        } else {
            ("them", "they")
        };
        let took = since(came.at, segment.at);
        match came.seen_there {
            true => format!(", {took} after {they} arrived"),
            false => format!(", {took} after {them}"),
        }
    });
    Some(format!("acknowledges {what}{when}"))
}

/// A window that closes, opens or is closed.
fn window(segment: &Segment, own: &End) -> Option<String> {
    match (own.window?, segment.window) {
        (0, 0) => Some("the window is still closed: 0 bytes".into()),
        (_, 0) => Some("the window is closed: 0 bytes".into()),
        (0, open) => Some(format!("opens the window: {}", bytes(open))),
        _ => None,
    }
}

/// An ACK that acknowledges nothing new.
fn repeats(segment: &Segment, own: &End, peer: &End) -> String {
    let ack = segment.ack.unwrap_or_default();
    let ranges: Vec<(i64, i64)> = sack(segment).collect();
    if let Some(&(from, to)) = ranges.first() {
        // RFC 2883: the first block tells of bytes that came twice.
        let inside = ranges.get(1).is_some_and(|(a, b)| *a <= from && to <= *b);
        if to <= ack || inside {
            let what = match (from, to) {
                (0, 1) if peer.opened => "the SYN".into(),
                _ => range(from, to),
            };
            return format!("selective ACK: {what} came twice");
        }
        let first = ranges.iter().map(|(from, _)| *from).min().unwrap_or(from);
        let hole = range(ack, first);
        let came = range(from, to);
        return format!("selective ACK: a hole at {hole}; {came} came");
    }
    let grew = own.window.is_some_and(|before| segment.window > before);
    match own.heard {
        Heard::Probe => "answers the probe".into(),
        Heard::Reset => "challenge ACK: the RST's number is not exact".into(),
        Heard::Syn if own.opened && own.acks.is_some() => {
            "answers a SYN that opens nothing: acknowledges what it had".into()
        }
        Heard::Again => "acknowledges again what came again".into(),
        _ if peer.sent > Some(ack) && !grew => {
            format!("duplicate ACK: waits for byte {ack}")
        }
        _ if grew => format!("window update: {}", bytes(segment.window)),
        _ => "acknowledges again what it had acknowledged".into(),
    }
}

/// `byte 1`, `bytes 1-5`: up to, not including, the second.
fn range(from: i64, to: i64) -> String {
    let last = to.saturating_sub(1);
    match last == from {
        true => format!("byte {from}"),
        false => format!("bytes {from}-{last}"),
    }
}

fn since(then: i64, now: i64) -> String {
    let ns = now.saturating_sub(then).max(0) as u64;
    match ns {
        ..5_000 => "under 0.01 ms".into(),
        ns => say(Duration::from_nanos(ns)),
    }
}

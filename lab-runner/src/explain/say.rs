//! A finding -> its sentence: who, what, how long; "is" where the trace shows
//! it, "looks like" where it shows only what would look like it.

use lab_kit::claim::say as time;

use super::connection::Connection;
use super::finding::{Kind, Severity, Tally};
use super::summary::Wrong;

const SECOND: i64 = 1_000_000_000;
/// What no person notices.
const SHORT: i64 = 10_000_000;

/// As the kind's, but by how long it took.
pub(super) fn severity(tally: &Tally) -> Severity {
    match tally.kind {
        Kind::SlowServer if tally.worst < SECOND => Severity::Note,
        Kind::WindowFull if tally.worst < SHORT => Severity::Note,
        Kind::ZeroWindow if tally.worst < SHORT => Severity::Slowed,
        Kind::PeerStaysOpen if tally.worst < SECOND => Severity::Note,
        kind => kind.severity(),
    }
}

fn ms(ns: i64) -> String {
    time(std::time::Duration::from_nanos(ns.max(0) as u64))
}

/// `3 times, 120 ms at worst`.
fn often(t: &Tally) -> String {
    match t.count {
        1 => format!("once, {}", ms(t.worst)),
        n => format!("{n} times, {} at worst", ms(t.worst)),
    }
}

fn bytes(n: i64) -> String {
    if n == 1 { "one byte".into() } else { format!("{n} bytes") }
}

fn times(n: u64) -> String {
    if n == 1 { "once".into() } else { format!("{n} times") }
}

pub(super) fn sentence(t: &Tally, c: &Connection) -> String {
    let who = ["client", "server"][t.side & 1];
    let other = ["server", "client"][t.side & 1];
    let text = opening(t, c, who)
        .or_else(|| reset(t, c, who, other))
        .or_else(|| stall(t, c, who, other))
        .or_else(|| loss(t, who, other))
        .unwrap_or_else(|| rest(t, who, other));
    // A sentence begins with a capital.
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars).collect()
}

fn opening(t: &Tally, c: &Connection, who: &str) -> Option<String> {
    let port = c.ends[1].port();
    Some(match t.kind {
        Kind::Refused => format!(
            "the SYN is answered by a RST: nobody listens on port {port}, or \
             a firewall says so"
        ),
        Kind::RefusedByIcmp => {
            format!("the SYN is answered by ICMP: {}", unreachable(t.extra))
        }
        Kind::SynUnanswered => format!(
            "the SYN was sent {} and never answered: it is dropped on the \
             way, by a firewall, or by a listener whose accept queue is full",
            times(t.extra.max(1) as u64)
        ),
        Kind::SynAgain if t.extra > 0 => format!(
            "the SYN was sent again ({}) although a SYN-ACK had passed here: \
             the SYN-ACK was lost on its way to the client",
            often(t)
        ),
        Kind::SynAgain => format!(
            "the SYN had to be sent again ({}): it or its answer was lost, or \
             the accept queue was full",
            often(t)
        ),
        Kind::SynAckUnanswered => format!(
            "the SYN-ACK was sent {} and never answered: it does not reach \
             the client, or the client does not exist",
            times(t.extra.max(1) as u64)
        ),
        Kind::SynAckAgain if t.extra > 0 => format!(
            "the SYN-ACK was sent again ({}) although the client's ACK had \
             passed here: that ACK was lost on its way, the accept queue is \
             full, or the server defers accept (TCP_DEFER_ACCEPT); the trace \
             cannot tell which",
            often(t)
        ),
        Kind::SynAckAgain => format!(
            "the SYN-ACK had to be sent again ({}): it or its ACK was lost",
            often(t)
        ),
        Kind::AcceptQueue => format!(
            "looks like a full accept queue: the client's ACK and data \
             passed here, and the server sent its SYN-ACK again, {}",
            times(t.extra.max(1) as u64)
        ),
        Kind::SynCookie => "looks like a SYN cookie, or a very plain server: \
             the SYN offers SACK and a window scale, the SYN-ACK takes \
             neither"
            .into(),
        Kind::Crossing => "both sides sent a SYN, and the SYNs crossed: a \
             simultaneous open"
            .into(),
        Kind::SynOnOpen => {
            let answer = match t.extra {
                0 => "nothing here answers it",
                _ => "the other end answers with a challenge ACK",
            };
            let why = match c.halves[t.side & 1].fin {
                Some(_) => {
                    "it had closed its direction and waits for the other no \
                     longer (tcp_fin_timeout, or a restart)"
                }
                None => "it has lost its state (restarted)",
            };
            format!(
                "the {who} sends a SYN on a connection that is open ({}): \
                 {why} and has got the same port again; {answer}",
                times(t.count)
            )
        }
        Kind::SynChallenged => format!(
            "the {who} answers the SYN with an ACK that does not belong to \
             it (a challenge ACK): it still has an old connection of the same \
             addresses and ports"
        ),
        Kind::Unwanted => "the client resets the SYN-ACK: it wants no \
             connection any more, or never did (an old or forged SYN)"
            .into(),
        Kind::SelfConnect => "it is connected to itself: client and server \
             are the same socket"
            .into(),
        Kind::PortReused => format!(
            "the same addresses and ports as an earlier connection, {} after \
             it was last heard of",
            ms(t.worst)
        ),
        _ => return None,
    })
}

fn unreachable(code: i64) -> &'static str {
    match code {
        0 | 100 => "no way to the network or host",
        1 | 103 => "host unreachable",
        2 => "protocol unreachable",
        3 | 104 => "port unreachable",
        9 | 10 | 13 | 101 => "forbidden by a firewall",
        _ => "unreachable",
    }
}

fn reset(t: &Tally, c: &Connection, who: &str, other: &str) -> Option<String> {
    Some(match t.kind {
        Kind::ResetUnread => format!(
            "the {who} resets the connection; the last data was the \
             {other}'s and is not answered: looks like a close() with unread \
             data, a killed program, or an abort (SO_LINGER 0)"
        ),
        Kind::ResetAnswered => format!(
            "the {who} resets the connection after it has answered: looks \
             like a close() while data of the {other} was unread, or an abort \
             (SO_LINGER 0)"
        ),
        Kind::ResetAbort => format!(
            "the {who} aborts the connection: looks like SO_LINGER 0, since \
             no data of the {other} can be unread"
        ),
        Kind::ResetClosed => format!(
            "the {who} had closed its socket; what the {other} sent \
             afterwards is answered by a RST"
        ),
        Kind::ResetNoState if c.found.has(Kind::ResetIgnored, t.side) => {
            format!(
                "the {who}'s RST has the number that the {other} expects, and \
                 counts. RSTs before it did not: it may be forged as they were"
            )
        }
        Kind::ResetNoState => {
            let quiet = match t.extra {
                idle if idle >= SECOND => format!(
                    " (nothing had passed for {}: look for an idle timeout)",
                    ms(idle)
                ),
                _ => String::new(),
            };
            format!(
                "the {who} answers as if it had never heard of the \
                 connection: it restarted, its program was killed, or a \
                 device on the path has forgotten it{quiet}; from here the \
                 trace cannot tell which"
            )
        }
        Kind::ResetGaveUp => {
            format!(
                "the {who} got no answer, gave up and resets the connection"
            )
        }
        Kind::ResetQueue => format!(
            "the {who} resets the connection right after the handshake: looks \
             like one that waited to be accepted when the listener was \
             closed, or a full accept queue with tcp_abort_on_overflow"
        ),
        Kind::ResetTimeWait => format!(
            "the {who} sends a RST after both sides had closed; it harms \
             nobody, but may end the TIME-WAIT early"
        ),
        Kind::ResetChallenged => format!(
            "the {other} answers the {who}'s RST with a challenge ACK, since \
             its number is {} ahead of what the {other} expects: what the \
             {who} sent before it was lost, or the RST is forged",
            bytes(t.extra)
        ),
        Kind::ResetIgnored => format!(
            "a RST in the {who}'s name does not count: its number is {} ahead \
             of what the {other} expects. It is forged, or has strayed here",
            bytes(t.extra)
        ),
        Kind::ResetUnknown => {
            format!(
                "the {who} resets the connection; the trace does not show why"
            )
        }
        _ => return None,
    })
}

fn stall(t: &Tally, c: &Connection, who: &str, other: &str) -> Option<String> {
    Some(match t.kind {
        Kind::NagleStall => {
            let sure = if t.count > 1 { "is held" } else { "looks held" };
            format!(
                "the {who}'s data {sure} back until the {other}'s delayed \
                 ACK comes ({}): Nagle on one side, delayed ACK on the \
                 other, and no loss. One write instead of two, or \
                 TCP_NODELAY, ends it",
                often(t)
            )
        }
        Kind::DelayedAck => format!(
            "the {who} delays an ACK ({}); nobody waits for it",
            often(t)
        ),
        Kind::ZeroWindow => {
            let probes = c.halves[(1 - t.side) & 1].probes;
            let asked = match probes {
                0 => String::new(),
                n => format!(
                    "; the {other} asks {} with a probe",
                    times(n.into())
                ),
            };
            let at_end = t.worst_packets().last() == Some(&c.last.n);
            let end = match (at_end, c.is_over()) {
                (true, true) => ", to the connection's end",
                (true, false) => ", to the end of what was captured",
                (false, _) => "",
            };
            format!(
                "the {who} closes its window: its program does not read \
                 ({}{end}){asked}",
                often(t)
            )
        }
        Kind::UpdateLost => format!(
            "the {who} asks for room though the {other} had told of some: the \
             window update was lost ({})",
            often(t)
        ),
        Kind::WindowFull => format!(
            "the {who} sends as much as the {other}'s window lets it, and \
             waits for room ({})",
            often(t)
        ),
        Kind::Held => format!(
            "nothing of the {who} for 200 ms ({}), though nothing seen here \
             held it back: looks like a cork that the kernel pulled (TCP_CORK, \
             MSG_MORE), a segment that was lost before it came to where this \
             was captured, or a silent program",
            often(t)
        ),
        Kind::SlowServer => format!(
            "the server's program takes its time to answer ({}); everything \
             had arrived, so this is no stall of the network",
            often(t)
        ),
        Kind::SilentClient => format!(
            "the {who}'s program was silent ({}), and nobody owed it \
             anything",
            often(t)
        ),
        Kind::Unanswered => format!(
            "the {who}'s kernel has acknowledged the last data, its program \
             has not answered for {}",
            ms(t.worst)
        ),
        _ => return None,
    })
}

fn loss(t: &Tally, who: &str, other: &str) -> Option<String> {
    Some(match t.kind {
        Kind::Rto => format!(
            "the {who} heard nothing until its retransmission timer ran out \
             ({})",
            often(t)
        ),
        Kind::TailProbe => format!(
            "the {who} sends its last segment again before the timeout, as a \
             tail loss probe ({})",
            often(t)
        ),
        Kind::Timer => format!(
            "the {who} sends again what got no answer ({}): a timeout or a \
             tail loss probe, the trace cannot tell which",
            often(t)
        ),
        Kind::FastRetransmit => format!(
            "a segment of the {who} is lost; the {other}'s ACKs show the gap, \
             and it is sent again ({})",
            often(t)
        ),
        Kind::Needless => format!(
            "the {who} sends {} what the {other} had already got: an ACK was \
             lost or late",
            times(t.count)
        ),
        Kind::Reordered => format!(
            "{} of the {who} passed out of order, and not because it was sent \
             again",
            segments(t.count)
        ),
        Kind::DuplicateAcks => format!(
            "{} the one before",
            match t.count {
                1 => format!("one ACK of the {who} repeats"),
                n => format!("{n} ACKs of the {who} repeat"),
            }
        ),
        Kind::Vanished => format!(
            "the {who} has vanished: the {other} sends the same {}, for {}, \
             and hears nothing any more",
            times(t.extra.max(1) as u64),
            ms(t.worst)
        ),
        Kind::KeepaliveDead => format!(
            "the {who} has vanished: the {other}'s keepalive probes get no \
             answer, for {}",
            ms(t.worst)
        ),
        Kind::MtuHole => format!(
            "looks like an MTU black hole: the {who}'s segments of {} bytes \
             do not get through, smaller ones do",
            t.extra
        ),
        Kind::FragNeeded => format!(
            "a packet of the {who} is too big for the path; a router says \
             the next link takes {} bytes",
            t.extra
        ),
        Kind::BadChecksum => format!(
            "{} of the {who} with a wrong checksum: it was damaged on its \
             way, and whoever gets it drops it without a word",
            segments(t.count)
        ),
        _ => return None,
    })
}

fn segments(n: u64) -> String {
    if n == 1 { "one segment".into() } else { format!("{n} segments") }
}

fn rest(t: &Tally, who: &str, other: &str) -> String {
    match t.kind {
        Kind::PeerStaysOpen => format!(
            "the {other} has closed, the {who} has not, for {} until the \
             capture ended: its program has not called close()",
            ms(t.worst)
        ),
        Kind::HalfClose => format!(
            "the {who} closes its direction only; the {other} still sends, as \
             it may"
        ),
        Kind::Keepalive => {
            format!(
                "the {who} asks {} whether the {other} is there",
                times(t.count)
            )
        }
        Kind::UdpUnreachable => format!(
            "the {who}'s datagram is answered by ICMP, {}: {}",
            times(t.count),
            unreachable(t.extra)
        ),
        Kind::UdpSilent => {
            format!("{} of the client get no answer", queries(t.count))
        }
        Kind::UdpAgain => format!(
            "the client asks the same again ({}): query or answer was lost, \
             or the answer was slow",
            often(t)
        ),
        Kind::SeenTwice => format!(
            "{} in the file twice, as of two interfaces; they count once",
            match t.count {
                1 => "one packet is".into(),
                n => format!("{n} packets are"),
            }
        ),
        Kind::Missed => format!(
            "the {other} acknowledges {} bytes of the {who} that are not in \
             the file: the capture missed packets, or sees one direction",
            t.extra
        ),
        Kind::NotComputed => format!(
            "the {who}'s checksums are not computed yet: this machine's \
             network card does that after the capture. Nothing is wrong"
        ),
        kind => kind.name().into(),
    }
}

fn queries(n: u64) -> String {
    if n == 1 { "one query".into() } else { format!("{n} queries") }
}

/// What many timestamps show together.
pub(super) fn cookie(like: u32, of: u32, syn: u64) -> Wrong {
    Wrong {
        kind: Kind::SynCookie,
        severity: Severity::Odd,
        sentence: format!(
            "Looks like a SYN cookie: the low bits of this SYN-ACK's \
             timestamp are the client's options, as are {like} of {of} of \
             this server"
        ),
        packets: vec![syn],
        gap: None,
        lasted: 0,
    }
}

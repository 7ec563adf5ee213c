//! What can be wrong with a connection, how bad it is, and where the book
//! proves it.

/// What happened. Each has a name, a severity and, where a chapter proves it,
/// an experiment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Refused,
    RefusedByIcmp,
    SynUnanswered,
    SynAgain,
    SynAckUnanswered,
    SynAckAgain,
    AcceptQueue,
    SynCookie,
    Crossing,
    SynOnOpen,
    SynChallenged,
    Unwanted,
    Vanished,
    KeepaliveDead,
    ResetUnread,
    ResetAnswered,
    ResetAbort,
    ResetClosed,
    ResetNoState,
    ResetGaveUp,
    ResetQueue,
    ResetTimeWait,
    ResetChallenged,
    ResetIgnored,
    ResetUnknown,
    MtuHole,
    FragNeeded,
    ZeroWindow,
    UpdateLost,
    WindowFull,
    NagleStall,
    DelayedAck,
    Rto,
    TailProbe,
    Timer,
    FastRetransmit,
    Needless,
    Reordered,
    DuplicateAcks,
    BadChecksum,
    PeerStaysOpen,
    HalfClose,
    PortReused,
    Keepalive,
    Held,
    SlowServer,
    SilentClient,
    Unanswered,
    UdpUnreachable,
    UdpSilent,
    UdpAgain,
    SelfConnect,
    SeenTwice,
    Missed,
    NotComputed,
}

/// Worst first. What is a note is how TCP works, and nothing wrong.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize,
)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Severity {
    /// It did not come to be, or died.
    Broken,
    /// Somebody waited, longer than the path needs.
    Stalled,
    /// It cost time or bytes.
    Slowed,
    /// Not as one would expect.
    Odd,
    /// Worth knowing.
    Note,
}

impl Severity {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Severity::Broken => "broken",
            Severity::Stalled => "stalled",
            Severity::Slowed => "slowed",
            Severity::Odd => "odd",
            Severity::Note => "note",
        }
    }
}

/// Kind, name, severity, experiment.
type Row = (Kind, &'static str, Severity, Option<&'static str>);

use Kind as K;
use Severity::{Broken, Note, Odd, Slowed, Stalled};

#[rustfmt::skip]
const TABLE: [Row; 55] = [
    (K::Refused, "connection refused", Broken, Some("ch01/refused")),
    (K::RefusedByIcmp, "refused by ICMP", Broken, None),
    (K::SynUnanswered, "SYN without an answer", Broken, Some("ch01/syn-unanswered")),
    (K::SynAgain, "SYN sent again", Stalled, Some("ch01/lost-syn")),
    (K::SynAckUnanswered, "SYN-ACK without an answer", Broken, Some("ch01/syn-ack-unanswered")),
    (K::SynAckAgain, "SYN-ACK sent again", Stalled, Some("ch01/third-ack-lost")),
    (K::AcceptQueue, "full accept queue", Stalled, Some("ch03/ack-too-late")),
    (K::SynCookie, "SYN cookie", Odd, None),
    (K::Crossing, "simultaneous open", Note, Some("ch01/simultaneous-open")),
    (K::SynOnOpen, "SYN on an open connection", Odd, Some("ch01/syn-again")),
    (K::SynChallenged, "SYN answered by a challenge ACK", Odd, Some("ch01/syn-again")),
    (K::Unwanted, "SYN-ACK that nobody wanted", Odd, Some("ch01/challenge-lost")),
    (K::Vanished, "peer vanished", Broken, Some("ch02/orphan")),
    (K::KeepaliveDead, "keepalive unanswered", Broken, None),
    (K::ResetUnread, "reset: closed with unread data", Broken, Some("ch02/close-unread")),
    (K::ResetAnswered, "reset: closed with unread data, or aborted", Broken, Some("ch02/close-unread")),
    (K::ResetAbort, "reset: aborted", Broken, Some("ch02/linger-zero")),
    (K::ResetClosed, "reset: data to a closed socket", Broken, Some("ch01/late-answer")),
    (K::ResetNoState, "reset: the other end doesn't know the connection", Broken, Some("ch01/half-open")),
    (K::ResetGaveUp, "reset: gave up", Broken, None),
    (K::ResetQueue, "reset: never accepted", Broken, Some("ch07/listener-closed")),
    (K::ResetTimeWait, "reset: of a connection that had ended", Odd, Some("ch01/assassination")),
    (K::ResetChallenged, "RST answered by a challenge ACK", Odd, Some("ch01/rst-numbers")),
    (K::ResetIgnored, "RST that does not count", Odd, Some("ch01/rst-numbers")),
    (K::ResetUnknown, "reset", Broken, None),
    (K::MtuHole, "MTU black hole", Stalled, None),
    (K::FragNeeded, "packet too big for the path", Slowed, None),
    (K::ZeroWindow, "zero window", Stalled, Some("ch02/zero-window")),
    (K::UpdateLost, "window update lost", Stalled, Some("ch02/lost-update")),
    (K::WindowFull, "window full", Slowed, Some("ch02/flow-control")),
    (K::NagleStall, "delayed ACK and Nagle", Stalled, Some("ch05/write-write-read-3")),
    (K::DelayedAck, "delayed ACK", Note, Some("ch05/first-ack")),
    (K::Rto, "retransmission timeout", Stalled, Some("ch01/last-ack-lost")),
    (K::TailProbe, "tail loss probe", Slowed, None),
    (K::Timer, "retransmission by timer", Stalled, None),
    (K::FastRetransmit, "fast retransmit", Slowed, None),
    (K::Needless, "needless retransmission", Odd, None),
    (K::Reordered, "reordered", Note, None),
    (K::DuplicateAcks, "duplicate ACKs", Note, None),
    (K::BadChecksum, "checksum error", Broken, Some("ch06/bad-checksum")),
    (K::PeerStaysOpen, "never closed by the other end", Odd, Some("ch01/close-wait")),
    (K::HalfClose, "half-close", Note, Some("ch01/half-close")),
    (K::PortReused, "port used again", Note, Some("ch01/time-wait-server")),
    (K::Keepalive, "keepalive", Note, None),
    (K::Held, "held for 200 ms", Slowed, Some("ch05/cork-cap")),
    (K::SlowServer, "slow application", Slowed, None),
    (K::SilentClient, "client silent", Note, None),
    (K::Unanswered, "no answer of the application", Note, None),
    (K::UdpUnreachable, "UDP port unreachable", Broken, None),
    (K::UdpSilent, "UDP query without an answer", Broken, None),
    (K::UdpAgain, "UDP query sent again", Stalled, None),
    (K::SelfConnect, "connected to itself", Odd, Some("ch01/self-connect")),
    (K::SeenTwice, "packets that are in the file twice", Note, None),
    (K::Missed, "the capture missed packets", Note, None),
    (K::NotComputed, "checksums not yet computed", Note, None),
];

impl Kind {
    fn row(self) -> &'static Row {
        &TABLE[self as usize]
    }

    pub(crate) fn name(self) -> &'static str {
        self.row().1
    }

    pub(crate) fn severity(self) -> Severity {
        self.row().2
    }

    /// `ch05/first-ack`.
    pub(crate) fn experiment(self) -> Option<&'static str> {
        self.row().3
    }
}

/// The chapters' pages in the book.
const PAGES: [&str; 7] = [
    "ch01-handshake-and-teardown",
    "ch02-buffers",
    "ch03-reuse-options",
    "ch04-thundering-herd",
    "ch05-delayed-ack",
    "ch06-endianness",
    "ch07-loopback-path",
];

/// Where the book tells an experiment: `ch05-delayed-ack.html#lab-ch05-x`.
pub(crate) fn page(experiment: &str) -> Option<String> {
    let (chapter, name) = experiment.split_once('/')?;
    let page = PAGES.iter().find(|page| page.starts_with(chapter))?;
    Some(format!("{page}.html#lab-{chapter}-{name}"))
}

/// Packet numbers that are kept of one kind.
const EVIDENCE: usize = 12;

/// All of one kind in one direction of a connection.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    pub(crate) kind: Kind,
    /// Who did it: 0 the client, 1 the server.
    pub(crate) side: usize,
    pub(crate) count: u64,
    /// Nanoseconds, of all and of the worst.
    pub(crate) total: i64,
    pub(crate) worst: i64,
    /// Of the first of them, and of the worst.
    pub(crate) packets: Vec<u64>,
    worst_packets: Vec<u64>,
    /// A number that its sentence needs.
    pub(crate) extra: i64,
}

/// The findings of one connection.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tallies(pub(crate) Vec<Tally>);

impl Tallies {
    /// `packets` are the evidence; `lasted` is 0 where nothing was measured.
    pub(crate) fn add(
        &mut self,
        kind: Kind,
        side: usize,
        lasted: i64,
        packets: &[u64],
    ) -> &mut Tally {
        let known =
            self.0.iter().position(|t| (t.kind, t.side) == (kind, side));
        let at = known.unwrap_or_else(|| {
            self.0.push(Tally {
                kind,
                side,
                count: 0,
                total: 0,
                worst: 0,
                packets: Vec::new(),
                worst_packets: Vec::new(),
                extra: 0,
            });
            self.0.len() - 1
        });
        let tally = &mut self.0[at];
        tally.count += 1;
        tally.total = tally.total.saturating_add(lasted);
        if tally.packets.len() + packets.len() <= EVIDENCE {
            tally.packets.extend(packets);
        }
        if lasted > tally.worst {
            tally.worst = lasted;
            tally.worst_packets = packets.to_vec();
        }
        tally
    }

    pub(crate) fn get(&self, kind: Kind) -> Option<&Tally> {
        self.0.iter().find(|t| t.kind == kind)
    }

    pub(crate) fn has(&self, kind: Kind, side: usize) -> bool {
        self.0.iter().any(|t| (t.kind, t.side) == (kind, side))
    }

    /// What was added to one that was counted before.
    pub(crate) fn uncount(&mut self, kind: Kind, side: usize) {
        let known = |t: &&mut Tally| (t.kind, t.side) == (kind, side);
        if let Some(tally) = self.0.iter_mut().find(known) {
            tally.count -= 1;
        }
    }

    pub(crate) fn remove(&mut self, kind: Kind, side: usize) {
        self.0.retain(|t| (t.kind, t.side) != (kind, side));
    }
}

impl Tally {
    /// Packet numbers, in the file's order, the worst one's among them.
    pub(crate) fn evidence(&self) -> Vec<u64> {
        let mut all = self.packets.clone();
        all.extend(&self.worst_packets);
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Of the worst, or of the only one.
    pub(crate) fn worst_packets(&self) -> &[u64] {
        match self.worst_packets.is_empty() {
            true => &self.packets,
            false => &self.worst_packets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_row_and_every_experiment_is_there() {
        let labs =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../labs");
        let folders: Vec<_> =
            std::fs::read_dir(labs).unwrap().flatten().collect();
        for (n, (kind, name, _, experiment)) in TABLE.iter().enumerate() {
            assert_eq!(*kind as usize, n, "{name}");
            let Some(experiment) = experiment else { continue };
            let (chapter, name) = experiment.split_once('/').unwrap();
            let exists = folders.iter().any(|lab| {
                let named = lab.file_name().to_string_lossy().into_owned();
                named.starts_with(chapter)
                    && lab
                        .path()
                        .join(format!("snapshots/{name}.snap"))
                        .exists()
            });
            assert!(exists, "{experiment}");
            let page = page(experiment).unwrap();
            let (page, _) = page.split_once(".html#").unwrap();
            let of_lab = |lab: &std::fs::DirEntry| lab.file_name() == page;
            assert!(folders.iter().any(of_lab), "{page}");
        }
    }
}

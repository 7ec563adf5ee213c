//! One end of a connection: its state, what it has sent and received.

use std::collections::BTreeMap;

use crate::trace::Segment;

/// When an event happened: nanoseconds, number of the segment, whether it
/// arrived.
pub(in crate::ladder) type Happened = (i64, usize, bool);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No socket.
    None,
    Listen,
    SynSent,
    SynReceived,
    Established,
    FinWait1,
    FinWait2,
    Closing,
    TimeWait,
    CloseWait,
    LastAck,
}

impl State {
    /// As `ss` names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            State::None => "-",
            State::Listen => "LISTEN",
            State::SynSent => "SYN-SENT",
            State::SynReceived => "SYN-RECV",
            State::Established => "ESTAB",
            State::FinWait1 => "FIN-WAIT-1",
            State::FinWait2 => "FIN-WAIT-2",
            State::Closing => "CLOSING",
            State::TimeWait => "TIME-WAIT",
            State::CloseWait => "CLOSE-WAIT",
            State::LastAck => "LAST-ACK",
        }
    }
}

/// What is known of one end.
#[derive(Debug, Default)]
pub(super) struct Side {
    pub(super) host: String,
    /// `None`: nobody can know.
    pub(super) state: Option<State>,
    /// One past the highest sequence number that it has sent.
    pub(super) sent: i64,
    /// That of its FIN, once it has sent one, and one more.
    pub(super) fin: Option<i64>,
    /// In a capture that begins in the middle: it has sent something new, so it
    /// had not ended before.
    pub(super) is_open: bool,
    /// What it has received.
    pub(super) received: Received,
    /// What it will do, in the rest of the trace.
    pub(super) future: Future,
    /// Its kernel may have answered without a socket, or thrown an ACK away.
    pub(super) is_in_doubt: bool,
}

/// What a side does first and last; known only of a trace that has ended.
#[derive(Debug, Default)]
pub(super) struct Future {
    /// Flags of its first segment.
    pub(super) first: Option<String>,
    /// When it sends SYN and ACK for the last time.
    pub(super) last_answer: Option<Happened>,
    /// When it sends anything for the last time.
    pub(super) last: Option<Happened>,
    /// When it says, by an RST without ACK, that it has no socket; and when it
    /// had last sent something before that.
    pub(super) gone: Option<(Option<Happened>, Happened)>,
}

impl Side {
    pub(super) fn is(&self, state: State) -> bool {
        self.state == Some(state)
    }

    /// Whether its own FIN, if any, is acknowledged by this.
    pub(super) fn fin_is_acked(&self, segment: &Segment) -> bool {
        let acked = segment.ack.unwrap_or(i64::MIN);
        self.fin.is_some_and(|fin| acked >= fin && acked <= self.sent)
    }
}

/// Sequence numbers that have come in.
#[derive(Debug, Default)]
pub(in crate::ladder) struct Received {
    /// One past what has come without a gap; `None`: nothing has come.
    pub(in crate::ladder) next: Option<i64>,
    /// Ranges that came early, by their beginning.
    early: BTreeMap<i64, i64>,
    /// One past the peer's FIN, once its segment has come.
    fin: Option<i64>,
}

impl Received {
    pub(in crate::ladder) fn take(&mut self, segment: &Segment) {
        self.next.get_or_insert(segment.seq);
        if segment.flags.has('F') {
            self.fin = Some(segment.end());
        }
        let end = self.early.entry(segment.seq).or_insert(segment.end());
        *end = segment.end().max(*end);
        self.close_up();
    }

    /// Whoever acknowledges bytes has them, although the capture may not.
    pub(in crate::ladder) fn acknowledge(&mut self, segment: &Segment) {
        if let Some(next) = &mut self.next
            && segment.flags.has('.')
            && let Some(ack) = segment.ack
        {
            *next = ack.max(*next);
            self.close_up();
        }
    }

    fn close_up(&mut self) {
        let Some(next) = &mut self.next else { return };
        while let Some(first) = self.early.first_entry()
            && *first.key() <= *next
        {
            *next = first.remove().max(*next);
        }
    }

    /// The peer's FIN has come, and all that is before it.
    pub(super) fn is_ended(&self) -> bool {
        self.fin.is_some() && self.next >= self.fin
    }
}

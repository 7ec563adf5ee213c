//! A RST whose number is ahead -> whether it counted, from what follows it:
//! ignored, challenged, or nothing more.

use super::connection::Connection;
use super::finding::Kind;
use super::half::Moment;
use super::heard::Heard;
use super::reset::Cause;

/// A RST with a number ahead of the next one: bytes before it were lost, or
/// somebody else sent it, and then it counts for nothing (RFC 5961, 3.2).
#[derive(Debug)]
pub(crate) struct Doubted {
    pub(super) side: usize,
    pub(super) at: Moment,
    pub(super) ahead: i64,
    /// Of a socket, by its ACK flag.
    pub(super) of_socket: bool,
    /// By the other side, with an ACK.
    pub(super) challenged: bool,
    pub(super) cause: Cause,
    pub(super) idle: i64,
}

impl Doubted {
    pub(super) fn is_open(&self) -> bool {
        !self.challenged
    }
}

impl Connection {
    /// By how many bytes its number is ahead of what its sender had sent.
    pub(super) fn ahead(&self, side: usize, heard: &Heard) -> i64 {
        let half = &self.halves[side];
        let open = self.established.is_some() && self.foreign.is_none();
        match open && half.base.is_some() {
            true => (half.relative(heard.seq) - half.next).max(0),
            false => 0,
        }
    }

    pub(super) fn did_not_count(&mut self, rst: &Doubted) {
        let kind = Kind::ResetIgnored;
        self.found.add(kind, rst.side, 0, &[rst.at.n]).extra = rst.ahead;
    }

    /// What follows a RST tells whether it counted.
    pub(super) fn is_it_reset(&mut self, side: usize, heard: &Heard) {
        let of = 1 - side;
        let ack = self.halves[of].relative(heard.ack);
        let repeats = heard.is_pure_ack() && ack == self.halves[of].acked;
        if let Some(doubted) = self.doubted.take() {
            let same = doubted.side == side;
            if same && doubted.is_open() {
                return self.did_not_count(&doubted); // it goes on
            }
            if !same && repeats && doubted.is_open() {
                self.challenge(doubted.side, doubted.at, doubted.ahead, heard);
                self.doubted = Some(Doubted { challenged: true, ..doubted });
                return;
            }
            self.doubted = Some(doubted);
        } else if let Some((by, at)) = self.reset
            && by == of
            && repeats
            && self.halves[of].unacked() > 0
            && self.halves[side].window == self.window_of(side, heard)
        {
            let ahead = self.halves[of].unacked();
            self.challenge(of, at, ahead, heard);
        }
    }

    fn challenge(&mut self, by: usize, rst: Moment, ahead: i64, ack: &Heard) {
        let packets = [rst.n, ack.n];
        self.found.add(Kind::ResetChallenged, by, 0, &packets).extra = ahead;
    }

    pub(super) fn is_reset_by(&self, side: usize) -> bool {
        let doubted = self.doubted.as_ref().map(|d| d.side);
        self.reset.map(|(by, _)| by).or(doubted) == Some(side)
    }

    /// Nothing has said that it didn't count.
    pub(super) fn settle_reset(&mut self) {
        let Some(doubted) = self.doubted.take() else { return };
        if doubted.is_open() || doubted.of_socket {
            let Doubted { side, at, cause, idle, .. } = doubted;
            self.reset_by(side, at, cause, idle);
        }
    }
}

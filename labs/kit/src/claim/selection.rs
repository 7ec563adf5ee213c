//! Some segments of a trace: filtered, counted, put in order.

use std::time::Duration;

use super::{Finding, Moment};
use crate::evidence::Evidence;
use crate::trace::Segment;

/// Segments that match, in order.
#[derive(Clone)]
pub struct Selection<'a> {
    run: &'a Evidence,
    what: String,
    found: Vec<usize>,
}

impl Evidence {
    /// Every segment of the run.
    pub fn segments(&self) -> Selection<'_> {
        Selection {
            run: self,
            what: "segments".into(),
            found: (0..self.trace.segments.len()).collect(),
        }
    }
}

impl<'a> Selection<'a> {
    /// Keeps what `test` accepts; `what` says it in words (`with data`).
    pub fn that(mut self, what: &str, test: impl Fn(&Segment) -> bool) -> Self {
        let segments = &self.run.trace.segments;
        self.found.retain(|&n| test(&segments[n]));
        self.what = format!("{} {what}", self.what);
        self
    }

    /// Sent by this host.
    pub fn from(self, host: &str) -> Self {
        self.that(&format!("from {host}"), |s| s.from == host)
    }

    /// Of the n-th connection, from 1.
    pub fn of_connection(self, n: u32) -> Self {
        self.that(&format!("of connection {n}"), |s| s.flow == n)
    }

    /// Carrying payload.
    pub fn with_data(self) -> Self {
        self.that("with data", |s| s.len > 0)
    }

    /// With this flag, in packetdrill's letters.
    pub fn with_flag(self, letter: char) -> Self {
        let name = crate::Flags(letter.into()).words();
        self.that(&format!("with {name}"), |s| s.flags.has(letter))
    }

    /// Nothing but an acknowledgement.
    pub fn pure_acks(self) -> Self {
        self.that("that are pure ACKs", Segment::is_pure_ack)
    }

    /// Whose bytes were all sent before.
    pub fn retransmissions(self) -> Self {
        self.that("that are retransmissions", |s| s.retransmission)
    }

    /// Whose payload starts with these bytes.
    pub fn saying(self, text: &str) -> Self {
        self.that(&format!("saying {text:?}"), |s| s.says(text))
    }

    /// That left after the moment.
    pub fn after(mut self, moment: Moment<'a>) -> Self {
        let from = moment.found.unwrap_or(usize::MAX);
        self.found.retain(|&n| n > from);
        self.what = format!("{} after {}", self.what, moment.what);
        self
    }

    /// That left before the moment.
    pub fn before(mut self, moment: Moment<'a>) -> Self {
        let to = moment.found.unwrap_or(0);
        self.found.retain(|&n| n < to);
        self.what = format!("{} before {}", self.what, moment.what);
        self
    }

    /// The n-th of them, from 1.
    pub fn nth(&self, n: usize) -> Moment<'a> {
        Moment {
            run: self.run,
            what: format!("number {n} of the {}", self.what),
            found: self.found.get(n - 1).copied(),
        }
    }

    /// The first of them.
    pub fn first(&self) -> Moment<'a> {
        Moment {
            what: format!("the first of the {}", self.what),
            ..self.nth(1)
        }
    }

    /// The last of them.
    pub fn last(&self) -> Moment<'a> {
        Moment {
            run: self.run,
            what: format!("the last of the {}", self.what),
            found: self.found.last().copied(),
        }
    }

    /// The segments themselves.
    pub fn iter(&self) -> impl Iterator<Item = &'a Segment> {
        self.found.iter().map(|&n| &self.run.trace.segments[n])
    }

    /// Where they stand in the trace, from 0.
    pub fn indices(&self) -> impl Iterator<Item = usize> {
        self.found.iter().copied()
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.found.len()
    }

    /// There are exactly this many.
    pub fn count_is(self, n: usize) -> Finding {
        let holds = self.found.len() == n;
        self.finding(holds, format!("exactly {n} {}", self.what))
    }

    /// There are at least this many.
    pub fn at_least(self, n: usize) -> Finding {
        let holds = self.found.len() >= n;
        self.finding(holds, format!("at least {n} {}", self.what))
    }

    /// There are none.
    pub fn none(self) -> Finding {
        let holds = self.found.is_empty();
        self.finding(holds, format!("no {}", self.what))
    }

    fn finding(&self, holds: bool, wanted: String) -> Finding {
        let saw = match self.found.len() {
            0 => "none".into(),
            n => n.to_string(),
        };
        Finding::new(holds, wanted, saw).showing(&self.found)
    }

    /// They are exactly these, in this order, each `host flags` or
    /// `host flags(bytes)`: `"client S"`, `"server P.(132)"`.
    pub fn are(self, shapes: &[&str]) -> Finding {
        let saw: Vec<String> = self.iter().map(shape).collect();
        let plain = |shape: &str| shape.split('(').next().map(str::to_string);
        let matches = |(want, have): (&&str, &String)| match want.contains('(')
        {
            true => want == have,
            false => Some(want.to_string()) == plain(have),
        };
        let holds =
            saw.len() == shapes.len() && shapes.iter().zip(&saw).all(matches);
        let wanted = format!("{}: {}", self.what, shapes.join(", "));
        Finding::new(holds, wanted, saw.join(", ")).showing(&self.found)
    }

    /// Each is acknowledged after at least this long.
    pub fn each_acknowledged_after(self, shortest: Duration) -> Finding {
        let (run, what) = (self.run, self.what.clone());
        super::all(self.found.iter().enumerate().map(|(i, &n)| {
            let sent = Moment {
                run,
                what: format!("number {} of the {what}", i + 1),
                found: Some(n),
            };
            sent.clone().acknowledged().after(sent).at_least(shortest)
        }))
    }
}

/// `client P.(5)`: who, what, how many bytes.
fn shape(s: &Segment) -> String {
    match s.len {
        0 => format!("{} {}", s.from, s.flags),
        len => format!("{} {}({len})", s.from, s.flags),
    }
}

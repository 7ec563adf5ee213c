//! One segment of a trace, and the time between two.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{Finding, bound, say};
use crate::evidence::Evidence;
use crate::trace::Segment;

/// The moment at which a segment left, or the reason why there is none.
#[derive(Clone)]
pub struct Moment<'a> {
    pub(super) run: &'a Evidence,
    /// What was looked for: `the ACK of "ping!"`.
    pub(super) what: String,
    pub(super) found: Option<usize>,
}

impl Evidence {
    fn moment(
        &self,
        what: String,
        test: impl Fn(&Segment) -> bool,
    ) -> Moment<'_> {
        let found = self.trace.segments.iter().position(test);
        Moment { run: self, what, found }
    }

    /// The first segment whose payload starts with these bytes.
    pub fn data(&self, text: &str) -> Moment<'_> {
        self.moment(format!("the data {text:?}"), |s| s.says(text))
    }

    /// The first segment that acknowledges all of the data that starts with
    /// these bytes, alone or on the back of other data.
    pub fn ack_of(&self, text: &str) -> Moment<'_> {
        self.data(text).acknowledged()
    }
}

impl<'a> Moment<'a> {
    /// The segment, if there is one.
    pub fn segment(&self) -> Option<&'a Segment> {
        self.found.map(|n| &self.run.trace.segments[n])
    }

    /// The first segment from the other side that acknowledges this one.
    pub fn acknowledged(self) -> Moment<'a> {
        let what = format!("the ACK of {}", self.what);
        let found = self.found.and_then(|n| {
            let sent = &self.run.trace.segments[n];
            let later = self.run.trace.segments.iter().enumerate().skip(n + 1);
            let mut acks = later.filter(|(_, s)| {
                s.flow == sent.flow
                    && s.to == sent.from
                    && s.ack.is_some_and(|ack| ack >= sent.end())
            });
            acks.next().map(|(i, _)| i)
        });
        Moment { run: self.run, what, found }
    }

    /// The time from the other moment to this one.
    pub fn after(self, earlier: Moment<'a>) -> Gap<'a> {
        Gap { earlier, later: self }
    }

    /// This segment leaves after the other one.
    pub fn leaves_after(self, other: Moment<'a>) -> Finding {
        let wanted = format!("{} after {}", self.what, other.what);
        match both(&wanted, &other, &self) {
            Err(missing) => missing,
            Ok((a, b)) => {
                let saw =
                    if b > a { "in that order" } else { "the other way round" };
                Finding::new(b > a, wanted, saw).showing(&[a, b])
            }
        }
    }

    /// This segment leaves before the other one.
    pub fn leaves_before(self, other: Moment<'a>) -> Finding {
        other.leaves_after(self)
    }

    /// There is such a segment.
    pub fn is_there(self) -> Finding {
        self.has("", |_| (true, "it is there".into()))
    }

    /// It carries exactly this many bytes of payload.
    pub fn carries(self, bytes: u32) -> Finding {
        self.has(&format!("carries {bytes} bytes"), |s| {
            (s.len == bytes, format!("{} bytes", s.len))
        })
    }

    /// Its flags are these, in packetdrill's letters (`FP.`).
    pub fn has_flags(self, letters: &str) -> Finding {
        self.has(&format!("has flags {letters}"), |s| {
            (s.flags.0 == letters, format!("flags {}", s.flags))
        })
    }

    /// Its acknowledgement number, relative, is this.
    pub fn acks(self, number: i64) -> Finding {
        self.has(&format!("acknowledges up to {number}"), |s| {
            let saw = s.ack.map_or("no ACK".into(), |n| format!("ack {n}"));
            (s.ack == Some(number), saw)
        })
    }

    /// Its options are these, in the snapshots' words (`mss 1460`, `TS`).
    pub fn has_options(self, options: &[&str]) -> Finding {
        let wanted = format!("has the options {}", options.join(","));
        self.has(&wanted, |s| {
            let has: Vec<_> = s.options.iter().map(|o| o.to_string()).collect();
            (has == options, format!("options {}", has.join(",")))
        })
    }

    pub(super) fn has(
        self,
        wanted: &str,
        test: impl Fn(&Segment) -> (bool, String),
    ) -> Finding {
        let wanted = format!("{} {wanted}", self.what).trim_end().to_string();
        let Some(n) = self.found else { return missing(wanted, &self) };
        let (holds, saw) = test(&self.run.trace.segments[n]);
        Finding::new(holds, wanted, saw).showing(&[n])
    }
}

fn missing(wanted: String, moment: &Moment) -> Finding {
    Finding::new(false, wanted, format!("no such segment: {}", moment.what))
}

fn both(
    wanted: &str,
    earlier: &Moment,
    later: &Moment,
) -> Result<(usize, usize), Finding> {
    match (earlier.found, later.found) {
        (Some(a), Some(b)) => Ok((a, b)),
        (None, found) => Err(missing(wanted.into(), earlier)
            .showing(&found.into_iter().collect::<Vec<_>>())),
        (Some(a), None) => Err(missing(wanted.into(), later).showing(&[a])),
    }
}

/// The time between two segments.
pub struct Gap<'a> {
    earlier: Moment<'a>,
    later: Moment<'a>,
}

impl Gap<'_> {
    /// At least this long: for what a kernel timer sends. A timer is early by
    /// a clock tick at most; leave room for one.
    pub fn at_least(self, shortest: Duration) -> Finding {
        let wanted = format!("at least {}", bound(shortest));
        self.lasts(&wanted, shortest..=Duration::MAX)
    }

    /// Less than this: only in wide windows, since a busy machine is slow. It
    /// is no gap, so none is drawn.
    pub fn at_most(self, longest: Duration) -> Finding {
        let wanted = format!("at most {}", bound(longest));
        let finding = self.lasts(&wanted, Duration::ZERO..=longest);
        Finding { gap: None, ..finding }
    }

    /// Within a wide window.
    pub fn within(self, window: RangeInclusive<Duration>) -> Finding {
        let wanted =
            format!("{} to {}", bound(*window.start()), bound(*window.end()));
        self.lasts(&wanted, window)
    }

    fn lasts(self, wanted: &str, window: RangeInclusive<Duration>) -> Finding {
        let wanted = format!(
            "{} after {}: {wanted}",
            self.later.what, self.earlier.what
        );
        let (a, b) = match both(&wanted, &self.earlier, &self.later) {
            Ok(pair) => pair,
            Err(missing) => return missing,
        };
        let segments = &self.later.run.trace.segments;
        let ns = segments[b].at.saturating_sub(segments[a].at);
        if ns < 0 {
            return Finding::new(false, wanted, "the other way round")
                .showing(&[a, b]);
        }
        let gap = Duration::from_nanos(ns as u64);
        let mut finding = Finding::new(window.contains(&gap), wanted, say(gap))
            .showing(&[a, b]);
        finding.gap = Some((a, b));
        let early = window.start().checked_sub(gap).filter(|e| !e.is_zero());
        finding.early_ns =
            early.map(|e| u64::try_from(e.as_nanos()).unwrap_or(u64::MAX));
        finding
    }
}

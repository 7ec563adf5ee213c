//! Connections that have ended -> what is listed of them: the worst, and of
//! those that are well as many as one may want to see.

use std::collections::HashMap;
use std::net::SocketAddr;

use super::connection::Connection;
use super::finding::{Kind, Severity, Tallies, Tally};
use super::say;
use super::tracker::Key;

/// Lists no more of either kind.
const WRONG: usize = 10_000;
const WELL: usize = 2_000;
/// Servers whose cookies are looked for.
const SERVERS: usize = 4096;

/// A diagnosis.
#[derive(Debug, Clone)]
pub(crate) struct Wrong {
    pub(crate) kind: Kind,
    pub(crate) severity: Severity,
    pub(crate) sentence: String,
    pub(crate) packets: Vec<u64>,
    /// From which packet to which the worst of it lasted.
    pub(crate) gap: Option<(u64, u64)>,
    /// Nanoseconds, of all of them.
    pub(crate) lasted: i64,
}

#[derive(Debug, Clone)]
pub(crate) struct Listed {
    pub(crate) number: u32,
    pub(crate) key: Key,
    pub(crate) ends: [SocketAddr; 2],
    pub(crate) span: (u64, u64),
    pub(crate) began: i64,
    pub(crate) lasted: i64,
    pub(crate) packets: u64,
    pub(crate) bytes: u64,
    pub(crate) wrong: Vec<Wrong>,
    cookie: bool,
}

impl Listed {
    pub(super) fn of(key: Key, connection: &Connection) -> Listed {
        let Tallies(mut tallies) = connection.found.clone();
        tallies.sort_by_key(|t| {
            (t.kind.severity(), std::cmp::Reverse(t.total), t.kind)
        });
        let wrong = tallies.iter().map(|t| wrong(t, connection));
        Listed {
            number: connection.number,
            key,
            ends: connection.ends,
            span: (connection.first.n, connection.last.n),
            began: connection.first.at,
            lasted: connection.last.at.saturating_sub(connection.first.at),
            packets: connection.packets,
            bytes: connection.bytes,
            wrong: wrong.collect(),
            cookie: connection.cookie_bits,
        }
    }

    /// Of its worst finding; a healthy one has none, or notes.
    pub(crate) fn severity(&self) -> Option<Severity> {
        self.wrong.first().map(|w| w.severity)
    }

    pub(crate) fn is_well(&self) -> bool {
        self.severity().is_none_or(|s| s == Severity::Note)
    }

    /// Worst first; of two alike, what cost more time, then what came first.
    fn rank(&self) -> (Option<bool>, Severity, i64, u32) {
        let lasted = self.wrong.first().map_or(0, |w| w.lasted);
        let severity = self.severity().unwrap_or(Severity::Note);
        let none = self.wrong.is_empty();
        (Some(none), severity, lasted.saturating_neg(), self.number)
    }
}

fn wrong(tally: &Tally, connection: &Connection) -> Wrong {
    let ends = tally.worst_packets();
    let gap = match (ends.first(), ends.last()) {
        (Some(a), Some(b)) if a < b && tally.worst > 0 => Some((*a, *b)),
        _ => None,
    };
    Wrong {
        kind: tally.kind,
        severity: say::severity(tally),
        sentence: say::sentence(tally, connection),
        packets: tally.evidence(),
        gap,
        lasted: tally.total,
    }
}

/// What has ended.
#[derive(Debug, Default)]
pub(crate) struct Summaries {
    pub(crate) listed: Vec<Listed>,
    wrong: usize,
    well: usize,
    /// Ended and not listed.
    pub(crate) not_listed: u64,
    pub(crate) healthy: u64,
    /// SYN-ACKs whose timestamp's low bits could be a cookie's, of all.
    cookies: HashMap<SocketAddr, (u32, u32)>,
}

impl Summaries {
    pub(super) fn add(&mut self, listed: Listed) {
        let server = listed.ends[1];
        if listed.key.tcp && (self.cookies.len() < SERVERS) {
            let seen = self.cookies.entry(server).or_default();
            seen.0 += u32::from(listed.cookie);
            seen.1 += 1;
        }
        let well = listed.is_well();
        self.healthy += u64::from(well);
        let (count, most) = match well {
            true => (&mut self.well, WELL),
            false => (&mut self.wrong, WRONG * 2),
        };
        if well && *count >= most {
            self.not_listed += 1;
            return;
        }
        *count += 1;
        let full = *count >= most;
        self.listed.push(listed);
        if full && !well {
            self.keep_the_worst();
        }
    }

    fn keep_the_worst(&mut self) {
        self.listed.sort_by_key(Listed::rank);
        let mut wrong = 0;
        let before = self.listed.len();
        self.listed.retain(|one| {
            wrong += usize::from(!one.is_well());
            one.is_well() || wrong <= WRONG
        });
        self.not_listed += (before - self.listed.len()) as u64;
        self.wrong = self.wrong.min(WRONG);
    }

    pub(super) fn finish(&mut self) {
        for one in &mut self.listed {
            let seen = self.cookies.get(&one.ends[1]).copied();
            // By chance it is one of 64.
            if one.cookie
                && seen.is_some_and(|(like, of)| like >= 3 && like * 8 > of)
            {
                let (like, of) = seen.unwrap_or_default();
                one.wrong.push(say::cookie(like, of, one.span.0));
                one.wrong.sort_by_key(|w| w.severity);
            }
        }
        self.keep_the_worst();
        self.listed.sort_by_key(Listed::rank);
    }
}

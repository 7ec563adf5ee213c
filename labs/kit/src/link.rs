//! Links: what joins two hosts, and what a wire does to the frames on it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// What joins two hosts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Cable, wire or loopback.
    pub kind: LinkKind,
    /// The two hosts, left and right in the ladder.
    pub ends: [String; 2],
    /// What a wire does to named frames; empty on a cable.
    pub rules: Vec<Rule>,
    /// One-way delay in nanoseconds that a wire adds to every frame.
    pub delay_ns: u64,
    /// Bits per second that a wire lets through each way, or a loopback's
    /// token bucket; 0 is no limit, and on lo no queue.
    pub rate_bps: u64,
}

/// The three kinds of link. A cable delivers inside `send()`, a wire doesn't:
/// a snapshot belongs to its kind of link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// A veth pair: nothing is lost, changed or slowed down.
    Cable,
    /// A user-space forwarder in a namespace of its own, which sees every
    /// frame once and can hold, drop, delay, duplicate, reorder or corrupt it.
    Wire,
    /// Both hosts are names for one network namespace and its `lo`.
    Loopback,
}

/// A veth pair between two hosts.
pub fn cable(left: &str, right: &str) -> Link {
    Link::new(LinkKind::Cable, left, right)
}

/// A wire between two hosts: our forwarder, which can lose frames.
pub fn wire(left: &str, right: &str) -> Link {
    Link::new(LinkKind::Wire, left, right)
}

/// Two hosts that are one machine: 127.0.0.1 and 127.0.0.2 on `lo`.
pub fn loopback(left: &str, right: &str) -> Link {
    Link::new(LinkKind::Loopback, left, right)
}

impl Link {
    fn new(kind: LinkKind, left: &str, right: &str) -> Self {
        Link {
            kind,
            ends: [left.into(), right.into()],
            rules: Vec::new(),
            delay_ns: 0,
            rate_bps: 0,
        }
    }

    /// Adds a one-way delay to every frame of a wire.
    pub fn delayed(mut self, each_way: Duration) -> Self {
        self.delay_ns = each_way.as_nanos() as u64;
        self
    }

    /// Limits a wire to this many bits per second in each direction; on a
    /// loopback, puts a token bucket (tbf) in front of lo, which lets one
    /// frame of the greatest length through at once.
    pub fn rate(mut self, bits_per_second: u64) -> Self {
        self.rate_bps = bits_per_second;
        self
    }

    /// Adds a rule to a wire.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule);
        self
    }

    /// The wire starts held: it collects frames until the script delivers
    /// them, one by one ([`Net::deliver`]) or all ([`Net::release`]).
    ///
    /// [`Net::deliver`]: crate::Net::deliver
    /// [`Net::release`]: crate::Net::release
    pub fn held(self) -> Self {
        self.rule(hold(every()))
    }
}

/// One thing that a wire does to the frames it picks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Which frames.
    pub pick: Pick,
    /// What happens to them.
    pub action: Action,
    /// The rule sleeps until this mark is announced.
    pub since: Option<String>,
    /// The rule ends when this mark is announced.
    pub until: Option<String>,
}

/// What a wire does to a picked frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// The frame is lost.
    Drop,
    /// The frame arrives this many nanoseconds later than it would.
    Delay(u64),
    /// The frame arrives twice.
    Duplicate,
    /// The frame lets this many frames of its direction overtake it.
    Reorder(u32),
    /// One bit of the TCP payload (or of the TCP header, if there's none)
    /// is flipped after the checksum was computed.
    Corrupt,
    /// The frame waits until the rule ends or the script delivers it.
    Hold,
}

/// Which frames a rule picks; counted from 1 among the frames that match.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Pick {
    /// Positions among the matching frames; empty: every one.
    pub nth: Vec<u32>,
    /// Only frames that this host sent.
    pub from: Option<String>,
    /// Only segments that carry data.
    pub data: bool,
    /// Only segments with this packetdrill flag letter: `S`, `F`, `R`.
    pub flag: Option<char>,
}

/// Every frame.
pub fn every() -> Pick {
    Pick::default()
}

/// The n-th frame that matches, from 1; `nth(2).from("client").data()`.
pub fn nth(n: u32) -> Pick {
    Pick { nth: vec![n], ..Pick::default() }
}

impl Pick {
    /// Only what this host sent.
    pub fn from(mut self, host: &str) -> Self {
        self.from = Some(host.into());
        self
    }

    /// Only segments that carry data.
    pub fn data(mut self) -> Self {
        self.data = true;
        self
    }

    /// Only segments with this flag, in packetdrill's letters.
    pub fn flag(mut self, letter: char) -> Self {
        self.flag = Some(letter);
        self
    }

    /// And the n-th.
    pub fn and_nth(mut self, n: u32) -> Self {
        self.nth.push(n);
        self
    }

    fn then(self, action: Action) -> Rule {
        Rule { pick: self, action, since: None, until: None }
    }
}

/// The picked frames are lost.
pub fn drop(pick: Pick) -> Rule {
    pick.then(Action::Drop)
}

/// The picked frames arrive later.
pub fn delay(by: Duration, pick: Pick) -> Rule {
    pick.then(Action::Delay(by.as_nanos() as u64))
}

/// The picked frames arrive twice.
pub fn duplicate(pick: Pick) -> Rule {
    pick.then(Action::Duplicate)
}

/// The picked frames are overtaken by `by` later ones of their direction.
pub fn reorder(by: u32, pick: Pick) -> Rule {
    pick.then(Action::Reorder(by))
}

/// The picked frames have one bit flipped.
pub fn corrupt(pick: Pick) -> Rule {
    pick.then(Action::Corrupt)
}

/// The picked frames wait at the wire.
pub fn hold(pick: Pick) -> Rule {
    pick.then(Action::Hold)
}

impl Rule {
    /// The rule is in force only from this mark on.
    pub fn since(mut self, mark: &str) -> Self {
        self.since = Some(mark.into());
        self
    }

    /// The rule ends at this mark; what it held is released in order.
    pub fn until(mut self, mark: &str) -> Self {
        self.until = Some(mark.into());
        self
    }
}

//! Counters, observations and socket states.

use super::Finding;
use crate::evidence::{Evidence, Socket};

/// A number with the words that say what it counts.
pub struct Number {
    what: String,
    value: Option<i64>,
}

/// A text that a program kept.
pub struct Value {
    what: String,
    value: Option<String>,
}

impl Evidence {
    /// How much a kernel counter of a host grew (`TcpExtDelayedACKs`).
    pub fn counter(&self, host: &str, name: &str) -> Number {
        let what = format!("{name} of {host}");
        let grew = self.counters.get(host);
        let value = grew.map(|c| c.get(name).copied().unwrap_or(0));
        Number { what, value }
    }

    /// The first value that a host kept under this key.
    pub fn observed(&self, host: &str, key: &str) -> Value {
        self.observed_nth(host, key, 1)
    }

    /// The n-th value, from 1, that a host kept under this key.
    pub fn observed_nth(&self, host: &str, key: &str, n: usize) -> Value {
        let mut kept =
            self.observations.iter().filter(|o| o.host == host && o.key == key);
        let seen = n.checked_sub(1).and_then(|n| kept.nth(n));
        let value = seen.map(|o| o.value.clone());
        let nth = if n == 1 { String::new() } else { format!(" ({n})") };
        Value { what: format!("{key}{nth} at {host}"), value }
    }

    /// The recorded states under this label are these, host by host in the
    /// order of the trace.
    pub fn states_at(&self, label: &str, wanted: &[&str]) -> Finding {
        let hosts = &self.trace.hosts;
        let pairs = |states: Vec<String>| {
            let both = hosts.iter().zip(states);
            both.map(|(h, s)| format!("{h} {s}")).collect::<Vec<_>>().join(", ")
        };
        let want = pairs(wanted.iter().map(|s| s.to_string()).collect());
        let want = format!("{label}: {want}");
        match self.steps.iter().find(|s| s.label == label) {
            None => Finding::new(false, want, "no such step was recorded"),
            Some(step) => {
                let saw =
                    pairs(hosts.iter().map(|h| step.state_of(h)).collect());
                Finding::new(want == format!("{label}: {saw}"), want, saw)
            }
        }
    }

    /// The sockets of a host that were left at the end, listeners too.
    pub fn left_at(&self, host: &str) -> &[Socket] {
        self.left.get(host).map_or(&[], Vec::as_slice)
    }

    /// Which states a host's sockets were left in, listeners not counted.
    pub fn states_left(&self, host: &str) -> Value {
        let mut states: Vec<_> = self.left_at(host).iter().collect();
        states.retain(|s| s.state != "LISTEN");
        let mut states: Vec<_> = states.iter().map(|s| s.to_string()).collect();
        states.sort();
        let value =
            if states.is_empty() { "-".into() } else { states.join("+") };
        Value { what: format!("sockets left at {host}"), value: Some(value) }
    }

    /// Whether an option of a program was switched on in this run.
    pub fn option(&self, host: &str, key: &str) -> bool {
        self.options.get(&format!("{host}:{key}")).is_some_and(|v| v != "0")
    }
}

impl Number {
    /// The number itself, if it was recorded.
    pub fn value(&self) -> Option<i64> {
        self.value
    }

    /// It is exactly this.
    pub fn is(self, wanted: i64) -> Finding {
        self.compare(&format!("{wanted}"), |n| n == wanted)
    }

    /// It is at least this.
    pub fn at_least(self, wanted: i64) -> Finding {
        self.compare(&format!("at least {wanted}"), |n| n >= wanted)
    }

    /// It is within this range.
    pub fn within(self, range: std::ops::RangeInclusive<i64>) -> Finding {
        let wanted = format!("{} to {}", range.start(), range.end());
        self.compare(&wanted, |n| range.contains(&n))
    }

    fn compare(self, wanted: &str, test: impl Fn(i64) -> bool) -> Finding {
        let wanted = format!("{}: {wanted}", self.what);
        match self.value {
            Some(n) => Finding::new(test(n), wanted, n.to_string()),
            None => Finding::new(false, wanted, "it was not recorded"),
        }
    }
}

impl Value {
    /// The text itself; empty, if nothing was kept.
    pub fn text(&self) -> &str {
        self.value.as_deref().unwrap_or_default()
    }

    /// It is exactly this.
    pub fn is(self, wanted: &str) -> Finding {
        self.compare(format!("{wanted:?}"), |v| v == wanted)
    }

    /// It is not this.
    pub fn is_not(self, unwanted: &str) -> Finding {
        self.compare(format!("not {unwanted:?}"), |v| v != unwanted)
    }

    /// It contains this.
    pub fn contains(self, part: &str) -> Finding {
        self.compare(format!("with {part:?}"), |v| v.contains(part))
    }

    /// It as a number.
    pub fn number(self) -> Number {
        let value = self.value.and_then(|v| v.trim().parse().ok());
        Number { what: self.what, value }
    }

    fn compare(self, wanted: String, test: impl Fn(&str) -> bool) -> Finding {
        let wanted = format!("{}: {wanted}", self.what);
        match &self.value {
            Some(v) => Finding::new(test(v), wanted, v.clone()),
            None => Finding::new(false, wanted, "it was not observed"),
        }
    }
}

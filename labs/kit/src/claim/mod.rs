//! The words that claims are made of: Evidence -> [`Finding`].
//!
//! A claim reads aloud: "the ACK of A, after the data A, by at least 35 ms".
//! Each word keeps what it was looking for, so that a claim that fails can say
//! wanted, seen and where.
//!
//! ```
//! # use lab_kit::{Evidence, Finding, ms};
//! fn the_first_ack_waits(run: &Evidence) -> Finding {
//!     run.ack_of("ping!").after(run.data("ping!")).at_least(ms(35))
//! }
//! ```

mod bytes;
mod moment;
mod selection;
mod value;

use std::time::Duration;

use serde::{Deserialize, Serialize};

pub use bytes::hex;
pub use moment::{Gap, Moment};
pub use selection::Selection;
pub use value::{Number, Value};

/// The shortest delayed ACK: `TCP_DELACK_MIN` is HZ/25, 40 ms at any HZ
/// (include/net/tcp.h). A timer counts jiffies from the last tick, so up to one
/// tick is missing: 36.9 ms were seen. 35 leaves room for a jiffy at HZ=250.
pub const DELAYED_ACK: Duration = Duration::from_millis(35);

/// Below this nothing waited for a kernel timer, even on a busy machine.
pub const AT_ONCE: Duration = Duration::from_millis(30);

/// What a claim found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Whether the claim holds.
    pub holds: bool,
    /// What it wanted, as a fragment of a sentence.
    pub wanted: String,
    /// What it saw.
    pub saw: String,
    /// Which segments show it.
    pub segments: Vec<usize>,
    /// The two segments between which time is claimed to pass.
    pub gap: Option<(usize, usize)>,
    /// If all that is wrong is that a timer was early: by so many nanoseconds.
    /// A machine that stands still for that long makes it so, since the
    /// kernel's clock catches up at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_ns: Option<u64>,
}

impl Finding {
    /// A finding about no segment in particular.
    pub fn new(
        holds: bool,
        wanted: impl Into<String>,
        saw: impl Into<String>,
    ) -> Self {
        Finding {
            holds,
            wanted: wanted.into(),
            saw: saw.into(),
            segments: Vec::new(),
            gap: None,
            early_ns: None,
        }
    }

    pub(crate) fn showing(mut self, segments: &[usize]) -> Self {
        self.segments.extend_from_slice(segments);
        self
    }

    /// Both must hold; what the first wanted is said first.
    pub fn and(self, other: Finding) -> Finding {
        let (holds, gap) = (self.holds && other.holds, self.gap.or(other.gap));
        let early_ns = match (self.holds, other.holds) {
            (true, _) => other.early_ns,
            (_, true) => self.early_ns,
            _ => self.early_ns.zip(other.early_ns).map(|(a, b)| a.max(b)),
        };
        let saw = match (self.holds, other.holds) {
            (true, false) => other.saw.clone(),
            (false, true) => self.saw.clone(),
            _ => format!("{}; {}", self.saw, other.saw),
        };
        Finding {
            holds,
            wanted: format!("{}; {}", self.wanted, other.wanted),
            saw,
            segments: [self.segments, other.segments].concat(),
            gap,
            early_ns,
        }
    }
}

/// All of them must hold.
pub fn all(findings: impl IntoIterator<Item = Finding>) -> Finding {
    findings
        .into_iter()
        .reduce(Finding::and)
        .unwrap_or_else(|| Finding::new(false, "at least one finding", "none"))
}

/// A duration as people say it: `41.4 ms`, `0.05 ms`, `1.02 s`.
pub fn say(d: Duration) -> String {
    let ms = d.as_secs_f64() * 1e3;
    match ms {
        ms if ms >= 1000.0 => format!("{:.2} s", ms / 1e3),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

/// A bound as its author wrote it: `35 ms`, `2 s`.
pub(crate) fn bound(d: Duration) -> String {
    match d.as_millis() {
        ms if ms >= 1000 && ms % 1000 == 0 => format!("{} s", ms / 1000),
        ms => format!("{ms} ms"),
    }
}

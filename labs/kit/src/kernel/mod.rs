//! What the kernel does on behalf of one thread, by its own account: each
//! tracepoint that the thread passes, with the functions that led there.
//!
//! By perf_event_open(2) and not by tracefs: a perf event belongs to a
//! descriptor of this process, so that the kernel removes it however the
//! process ends. An instance of tracefs would outlive a SIGKILL.

mod ring;
mod symbols;
mod tracepoint;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::claim::Finding;
use crate::evidence::Evidence;
use crate::net::Net;
use symbols::Symbols;
use tracepoint::Tracepoint;

/// Under which key a passage is kept among the measured values.
const KEY: &str = "passage";

/// One tracepoint that the thread passed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The tracepoint, `net:net_dev_queue`.
    pub point: String,
    /// What it says of itself: a device (`lo`), a softirq (`NET_RX`), a
    /// protocol (`tcp`).
    pub about: String,
    /// The functions on the stack, the outermost first.
    pub calls: Vec<String>,
}

impl Net {
    /// Acts, and keeps every passage of this thread through one of these
    /// tracepoints (`net:net_dev_queue`) as evidence; but not those of an
    /// interrupt that happened to hit it.
    ///
    /// # Errors
    /// If this isn't real root: ask for it with `Experiment::root_only`.
    pub fn watch_kernel<T>(
        &self,
        points: &[&str],
        act: impl FnOnce() -> T,
    ) -> Result<T> {
        tracepoint::mount().context("reach tracefs, which needs real root")?;
        let points = points.iter().map(|name| Tracepoint::find(name));
        let points = points.collect::<Result<Vec<_>>>()?;
        let mut ring = ring::Ring::open(&points)?;
        ring.switch(true)?;
        let result = act();
        ring.switch(false)?;
        let samples = ring.samples()?;
        let symbols = Symbols::read()?;
        for sample in samples {
            let point = points.iter().find(|p| sample.is_of(p.id));
            let point = point.context("a sample of no tracepoint of ours")?;
            let calls = sample.calls.iter().rev();
            let passage = Passage {
                point: point.name.clone(),
                about: point.about(&sample.raw),
                calls: calls.map(|&at| symbols.name(at)).collect(),
            };
            if passage.is_an_interrupts() {
                continue;
            }
            self.measure(KEY, serde_json::to_string(&passage)?)?;
        }
        Ok(result)
    }
}

impl Evidence {
    /// What [`Net::watch_kernel`] kept at this host, in order.
    pub fn passages(&self, host: &str) -> Vec<Passage> {
        let kept = self.observations.iter();
        kept.filter(|o| o.host == host && o.key == KEY)
            .filter_map(|o| serde_json::from_str(&o.value).ok())
            .collect()
    }

    /// Some passage through this tracepoint had these functions on its stack,
    /// in this order; others may be between them. Kernels inline and rename:
    /// name only what matters.
    pub fn passed(&self, host: &str, point: &str, calls: &[&str]) -> Finding {
        let wanted = format!("{point} below {}", calls.join(" > "));
        let all = self.passages(host);
        let here: Vec<_> = all.iter().filter(|p| p.point == point).collect();
        let holds = here.iter().any(|p| p.has(calls));
        let saw = match here.as_slice() {
            _ if holds => "it is so".into(),
            [] => format!("{host} did not pass {point}"),
            [first, ..] => format!("below {}", first.calls.join(" > ")),
        };
        Finding::new(holds, wanted, saw)
    }

    /// These passages, each `tracepoint about` (`net_dev_queue lo`), come in
    /// this order; others may be between them.
    pub fn passages_follow(
        &self,
        host: &str,
        wanted: &[impl AsRef<str>],
    ) -> Finding {
        let wanted: Vec<&str> = wanted.iter().map(AsRef::as_ref).collect();
        let all = self.passages(host);
        let saw: Vec<_> = all.iter().map(Passage::short).collect();
        let mut seen = saw.iter();
        let holds = wanted.iter().all(|want| seen.any(|saw| saw == want));
        let all_of_it = match holds {
            true => "in that order".into(),
            false => saw.join(", "),
        };
        Finding::new(holds, wanted.join(", "), all_of_it)
    }
}

impl Passage {
    /// Whether these functions are on the stack in this order, outermost
    /// first.
    pub fn has(&self, calls: &[&str]) -> bool {
        let mut stack = self.calls.iter();
        calls.iter().all(|call| stack.any(|on_stack| on_stack == call))
    }

    /// Whether an interrupt brought it that had nothing to do with the thread
    /// but to stop it: its entry (x86: `asm_common_interrupt` and the like,
    /// arm64: `el1h_64_irq`) is on the stack.
    fn is_an_interrupts(&self) -> bool {
        let entries = ["asm_common_", "asm_sysvec_", "el1h_64_irq"];
        let is_entry =
            |call: &String| entries.iter().any(|e| call.starts_with(e));
        self.calls.iter().any(is_entry)
    }

    /// `net_dev_queue lo`.
    pub fn short(&self) -> String {
        let point = self.point.rsplit(':').next().unwrap_or_default();
        format!("{point} {}", self.about).trim_end().to_string()
    }
}

/// A system call's answer, or the reason why there is none.
fn checked(code: i64, what: &str) -> Result<i64> {
    ensure!(code >= 0, "{what}: {}", std::io::Error::last_os_error());
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_found_in_order_and_others_may_be_between() {
        let calls = ["a", "b", "c", "d"].map(String::from).to_vec();
        let passage =
            Passage { point: "x:y".into(), about: "lo".into(), calls };
        assert!(passage.has(&["a", "c", "d"]));
        assert!(!passage.has(&["c", "a"]));
        assert!(!passage.has(&["a", "a"]));
        assert_eq!(passage.short(), "y lo");
    }
}

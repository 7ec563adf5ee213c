//! A plan -> the knobs that a reader may turn, and how far: those that the
//! experiment names itself, within what it names, and its link's properties.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use lab_kit::{Knob, LinkKind, Plan};
use serde::Serialize;

/// Values that a knob takes here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub(super) enum Range {
    /// `0` or `1`; where it stands, if the experiment says.
    Switch { stands: Option<String> },
    /// A whole number, with a unit behind it.
    Number { from: u64, to: u64, unit: String, stands: Option<String> },
    /// One of these words.
    OneOf { words: Vec<String>, stands: Option<String> },
}

/// As far beyond what the experiment names as a number may go.
const BEYOND: u64 = 4;
/// One-way, in ms.
const LONGEST_DELAY: u64 = 500;
/// In kbit/s.
const RATES: (u64, u64) = (16, 1_000_000);

impl Range {
    pub(super) fn takes(&self, value: &str) -> bool {
        match self {
            Range::Switch { .. } => matches!(value, "0" | "1"),
            Range::OneOf { words, .. } => words.iter().any(|w| w == value),
            Range::Number { from, to, unit, .. } => {
                let number = value.strip_suffix(unit.as_str());
                let digits = number.filter(|n| {
                    !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())
                });
                let number = digits.and_then(|n| n.parse::<u64>().ok());
                number.is_some_and(|n| (*from..=*to).contains(&n))
            }
        }
    }

    fn of(known: &BTreeSet<String>, stands: Option<String>) -> Range {
        let words = || known.iter().cloned().collect();
        if known.iter().all(|v| v == "0" || v == "1") {
            return Range::Switch { stands };
        }
        let numbers: Option<Vec<u64>> =
            known.iter().map(|v| v.parse().ok()).collect();
        let canonical = |n: &u64| known.contains(&n.to_string());
        match numbers {
            Some(all) if all.iter().all(canonical) => {
                let to = all.into_iter().max().unwrap_or(0);
                let to = to.saturating_mul(BEYOND).min(u32::MAX.into());
                Range::Number { from: 0, to, unit: String::new(), stands }
            }
            _ => Range::OneOf { words: words(), stands },
        }
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Range::Switch { .. } => write!(f, "0 or 1"),
            Range::OneOf { words, .. } => write!(f, "{}", words.join(" or ")),
            Range::Number { from, to, unit, .. } => {
                write!(f, "{from}{unit} to {to}{unit}")
            }
        }
    }
}

/// By name, `server:net.ipv4.tcp_sack`, `link:delay`.
pub(super) fn ranges(plan: &Plan) -> BTreeMap<String, Range> {
    let mut known: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut stands: BTreeMap<String, String> = BTreeMap::new();
    let own = plan.options.iter().chain(&plan.knobs);
    for knob in own.clone() {
        let (name, value) = parts(knob);
        stands.insert(name, value);
    }
    let turned = plan.perturbations.iter().flat_map(|p| &p.knobs);
    for knob in own.chain(turned) {
        let (name, value) = parts(knob);
        known.entry(name).or_default().insert(value);
    }
    let mut all: BTreeMap<String, Range> = known
        .into_iter()
        .filter(|(name, _)| !name.starts_with("link:"))
        .map(|(name, values)| {
            let range = Range::of(&values, stands.get(&name).cloned());
            (name, range)
        })
        .collect();
    let number = |from, to, unit: &str, stands| Range::Number {
        from,
        to,
        unit: unit.into(),
        stands,
    };
    if let Some(wire) = plan.links.iter().find(|l| l.kind == LinkKind::Wire) {
        let stands = format!("{}ms", wire.delay_ns / 1_000_000);
        let delay = number(0, LONGEST_DELAY, "ms", Some(stands));
        all.insert("link:delay".into(), delay);
    }
    let limited = plan.links.iter().find(|l| l.rate_bps > 0);
    if let Some(link) = limited.filter(|l| l.kind != LinkKind::Cable) {
        let stands = format!("{}kbit", link.rate_bps / 1_000);
        let rate = number(RATES.0, RATES.1, "kbit", Some(stands));
        all.insert("link:rate".into(), rate);
    }
    all
}

/// `server:net.ipv4.tcp_sack` and `0`.
fn parts(knob: &Knob) -> (String, String) {
    let text = knob.to_string();
    let (name, value) = text.split_once('=').unwrap_or((&text, ""));
    (name.into(), value.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use lab_kit::{Experiment, fails, option, sysctl, wire};

    #[test]
    fn what_the_experiment_names_can_be_turned_and_nothing_else() {
        let plan = Experiment::new("x", "?")
            .link(wire("a", "b"))
            .option("a", "count", 10)
            .option("a", "file", "tcp_rto_min_us")
            .what_if("w", sysctl("b", "net.ipv4.tcp_sack", 0), fails([]))
            .what_if("v", option("a", "count", 3), fails([]));
        let all = ranges(plan.plan());
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        assert_eq!(
            names,
            ["a:count", "a:file", "b:net.ipv4.tcp_sack", "link:delay"]
        );
        let takes = |name: &str, value: &str| all[name].takes(value);
        assert!(takes("a:count", "40") && !takes("a:count", "41"));
        assert!(!takes("a:count", "-1") && !takes("a:count", "+1"));
        assert!(takes("a:file", "tcp_rto_min_us"));
        assert!(!takes("a:file", "../../kernel/panic"));
        assert!(takes("b:net.ipv4.tcp_sack", "1"));
        assert!(!takes("b:net.ipv4.tcp_sack", "1\n"));
        assert!(takes("link:delay", "20ms") && !takes("link:delay", "501ms"));
        assert!(!takes("link:delay", "20s") && !takes("link:delay", "ms"));
    }
}

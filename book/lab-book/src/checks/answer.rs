//! What a trace says to a question: a text, a number or a time.

use std::cmp::Ordering;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    Text(String),
    Number(i64),
    /// Nanoseconds.
    Time(i64),
}

/// The units of a time; the longest name first.
const UNITS: [(&str, f64); 4] =
    [("ms", 1e6), ("us", 1e3), ("ns", 1.0), ("s", 1e9)];

impl Answer {
    /// `40ms` and `1.5 s` are times, `3` and `+3` are numbers.
    pub(crate) fn read(text: &str) -> Answer {
        let text = text.trim();
        if let Ok(number) = text.parse() {
            return Answer::Number(number);
        }
        let time = UNITS.iter().find_map(|(unit, ns)| {
            let number = text.strip_suffix(unit)?.trim_end();
            let number: f64 = number.parse().ok()?;
            Some((number * ns).round() as i64)
        });
        match time {
            Some(ns) => Answer::Time(ns),
            None => Answer::Text(text.into()),
        }
    }

    /// A number for pages: of a time, its nanoseconds.
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Answer::Text(_) => None,
            Answer::Number(n) | Answer::Time(n) => Some(*n),
        }
    }

    /// For pages.
    pub(super) fn told(&self) -> Value {
        match self {
            Answer::Text(text) => json!(text),
            Answer::Number(n) | Answer::Time(n) => json!(n),
        }
    }

    /// Whether this one relates so to the other.
    pub(super) fn relates(
        &self,
        relation: &str,
        other: &Answer,
    ) -> Result<bool, String> {
        let (mine, others) = (self.to_string(), other.to_string());
        let order = match (self, other) {
            (Answer::Number(a), Answer::Number(b))
            | (Answer::Time(a), Answer::Time(b)) => Some(a.cmp(b)),
            _ => None,
        };
        match (relation, order) {
            ("has", _) => return Ok(mine.contains(&others)),
            ("=", None) => return Ok(mine == others),
            ("!=", None) => return Ok(mine != others),
            _ => {}
        }
        let Some(order) = order else {
            return Err(format!("`{mine}` and `{others}` can't be compared"));
        };
        Ok(match relation {
            "=" => order == Ordering::Equal,
            "!=" => order != Ordering::Equal,
            "<" => order == Ordering::Less,
            ">" => order == Ordering::Greater,
            "<=" => order != Ordering::Greater,
            _ => order != Ordering::Less,
        })
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Answer::Text(text) => f.write_str(text),
            Answer::Number(n) => write!(f, "{n}"),
            Answer::Time(ns) => {
                let time = Duration::from_nanos((*ns).max(0) as u64);
                f.write_str(&lab_kit::claim::say(time))
            }
        }
    }
}

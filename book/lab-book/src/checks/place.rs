//! Something with a place in a ladder: what a reader may put in order.

use lab_kit::ladder::model::ModelRow;
use serde_json::{Value, json};

use super::ground::Ground;
use super::packet;
use super::words::{Word, words};

/// Something with a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Packet(usize),
    /// The nth value that a program kept under a key.
    Value {
        host: String,
        key: String,
        nth: usize,
    },
    /// A recorded step.
    Step(String),
}

impl Place {
    /// Reads `packet 4`, `value server "read" 2`, `step "the FIN arrives"`.
    pub(crate) fn read(text: &str) -> Result<Place, String> {
        let words = words(text)?;
        let words: Vec<&str> = words.iter().map(|w: &Word| &*w.text).collect();
        let number = |word: &str| {
            word.parse()
                .map_err(|_| format!("`{text}`: `{word}` is not a number"))
        };
        match words.as_slice() {
            ["packet", n] => Ok(Place::Packet(number(n)?)),
            ["value", host, key, rest @ ..] if rest.len() < 2 => {
                let nth = rest.first().map_or(Ok(1), |n| number(n))?;
                let (host, key) = ((*host).into(), (*key).into());
                Ok(Place::Value { host, key, nth })
            }
            ["step", label] => Ok(Place::Step((*label).into())),
            _ => Err(format!(
                "`{text}` has no place; write `packet 4`, `value server \
                 \"read\" 2` or `step \"its label\"`"
            )),
        }
    }

    /// The row of the model.
    pub(crate) fn row(&self, ground: &Ground) -> Result<usize, String> {
        let rows = || ground.model.rows.iter();
        let found = match self {
            Place::Packet(n) => {
                ground.packet(*n)?;
                rows().position(
                    |row| matches!(row, ModelRow::Packet(p) if p.n == *n),
                )
            }
            Place::Value { host, key, nth } => {
                let is_it = |row: &ModelRow| match row {
                    ModelRow::Note { at: Some(_), host: h, text } => {
                        let own = text.split_once(" -> ");
                        h == host && own.is_some_and(|(k, _)| k == key)
                    }
                    _ => false,
                };
                let mut all = rows().enumerate().filter(|(_, r)| is_it(r));
                nth.checked_sub(1).and_then(|n| all.nth(n)).map(|(at, _)| at)
            }
            Place::Step(wanted) => rows().position(|row| {
                matches!(row, ModelRow::States { label, .. } if label == wanted)
            }),
        };
        found.ok_or_else(|| format!("{} has no {self:?}", ground.model.of))
    }

    /// For pages.
    pub(crate) fn told(&self, ground: &Ground) -> Result<Value, String> {
        Ok(match self {
            Place::Packet(n) => json!({
                "place": "packet",
                "n": n,
                "at": packet::place(ground.model, *n)?,
            }),
            Place::Value { host, key, nth } => json!({
                "place": "value", "host": host, "key": key, "nth": nth,
            }),
            Place::Step(label) => json!({"place": "step", "label": label}),
        })
    }
}

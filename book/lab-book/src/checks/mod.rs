//! A line of a guess or a quiz -> what it asks of an accepted trace, and
//! whether the trace agrees.
//!
//! ```text
//! packet 5 flags = "RST ACK"                 a field: FIELDS in `ask`
//! count from server with RST = 1             packets; FILTERS in `ask`
//! gap "the first ACK waits" between 35ms and 100ms
//! gap 4 to 5 > 1ms                           from one packet to another
//! claim "the first ACK waits" holds          or fails
//! state server at "both have closed" = -     as the experiment recorded it
//! value client "write" 2 = ECONNRESET        the second one that it kept
//! counter server TcpExtDelayedACKs = 1
//! figure "title" "row" "column" = 16
//! ```
//!
//! Packets have the numbers of the accepted run. In a page, each question is
//! told as JSON that `book/widgets/asks.js` asks of any run.

mod answer;
mod ask;
mod ground;
mod packet;
mod place;
#[cfg(test)]
mod tests;
mod words;

use serde_json::{Value, json};

pub(crate) use answer::Answer;
pub(crate) use ask::Ask;
pub(crate) use ground::Ground;
pub(crate) use packet::field_of;
pub(crate) use place::Place;
use words::{Word, words};

/// Something that is so in a trace, or isn't.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Check {
    /// As its author wrote it.
    pub(crate) text: String,
    ask: Ask,
    want: Want,
}

/// What an answer is held against.
#[derive(Debug, Clone, PartialEq)]
enum Want {
    Is(&'static str, Answer),
    Between(Answer, Answer),
}

/// How an answer and what is wanted may relate.
const RELATIONS: [&str; 8] =
    ["=", "!=", "<=", ">=", "<", ">", "has", "between"];

/// Reads a question that has an answer: `packet 5 flags`.
pub(crate) fn question(text: &str) -> Result<Ask, String> {
    let words = words(text)?;
    let (ask, rest) = Ask::read(&words)?;
    match rest.first() {
        None => Ok(ask),
        Some(word) => Err(format!("`{}` is too much in `{text}`", word.text)),
    }
}

/// Reads a question with the answer that is wanted.
pub(crate) fn check(text: &str) -> Result<Check, String> {
    let words = words(text)?;
    let (ask, rest) = Ask::read(&words)?;
    let want = want(rest).map_err(|why| format!("`{text}`: {why}"))?;
    Ok(Check { text: text.into(), ask, want })
}

fn want(words: &[Word]) -> Result<Want, String> {
    let plain: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    match plain.as_slice() {
        [said @ ("holds" | "fails")] => {
            Ok(Want::Is("=", Answer::Text((*said).into())))
        }
        ["between", a, "and", b] => {
            Ok(Want::Between(Answer::read(a), Answer::read(b)))
        }
        [relation, value] => {
            let mut known = RELATIONS.into_iter();
            match known.find(|r| r == relation && *r != "between") {
                Some(relation) => Ok(Want::Is(relation, Answer::read(value))),
                None => Err(format!("`{relation}` is none of {RELATIONS:?}")),
            }
        }
        _ => Err(format!(
            "a question is followed by one of {RELATIONS:?} and a value, \
             `between A and B`, `holds` or `fails`, not by `{}`",
            plain.join(" ")
        )),
    }
}

impl Check {
    /// Whether the trace agrees; an error if it can't be asked.
    pub(crate) fn holds(&self, ground: &Ground) -> Result<bool, String> {
        let said = self.ask.answer(ground)?;
        let odd = |why| format!("`{}`: {why}", self.text);
        match &self.want {
            Want::Is(relation, wanted) => {
                said.relates(relation, wanted).map_err(odd)
            }
            Want::Between(low, high) => {
                let above = said.relates(">=", low).map_err(odd)?;
                Ok(above && said.relates("<=", high).map_err(odd)?)
            }
        }
    }

    /// What the trace says to its question.
    pub(crate) fn saw(&self, ground: &Ground) -> Result<Answer, String> {
        self.ask.answer(ground)
    }

    /// For pages.
    pub(crate) fn told(&self, ground: &Ground) -> Result<Value, String> {
        let mut told = self.ask.told(ground)?;
        (told["op"], told["want"]) = match &self.want {
            Want::Is(relation, wanted) => (json!(relation), wanted.told()),
            Want::Between(low, high) => {
                (json!("between"), json!([low.told(), high.told()]))
            }
        };
        Ok(told)
    }
}

//! What somebody says about a run, beforehand or afterwards: the fields of an
//! exercise that is answered by a file, and the words that rules about them are
//! made of.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::claim::{Finding, Selection};
use crate::evidence::Evidence;

/// A blank in an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name in the file: `cause`.
    pub key: String,
    /// What is asked, a sentence.
    pub question: String,
    /// What may be filled in.
    pub form: Form,
}

/// What may be filled into a blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// One of these words.
    OneOf(Vec<String>),
    /// A whole number.
    Number,
    /// A word.
    Word,
    /// All of these words, in their right order.
    Order(Vec<String>),
}

/// One of these words: `cause = "nagle"`.
pub fn one_of<const N: usize>(words: [&str; N]) -> Form {
    Form::OneOf(words.map(String::from).to_vec())
}

/// A whole number: `segment = 7`.
pub fn number() -> Form {
    Form::Number
}

/// A word: `errno = "EPIPE"`.
pub fn word() -> Form {
    Form::Word
}

/// All of these words, in an order to be found: `order = ["SYN", "ACK"]`.
pub fn order<const N: usize>(words: [&str; N]) -> Form {
    Form::Order(words.map(String::from).to_vec())
}

/// What was filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Filled {
    /// A whole number.
    Number(i64),
    /// A word.
    Word(String),
    /// Words in an order.
    Words(Vec<String>),
}

impl fmt::Display for Filled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Filled::Number(n) => write!(f, "{n}"),
            Filled::Word(word) => write!(f, "{word:?}"),
            Filled::Words(words) => write!(f, "{words:?}"),
        }
    }
}

impl Form {
    /// What is wrong with this as an answer, if anything.
    pub fn refuses(&self, filled: &Filled) -> Option<String> {
        match (self, filled) {
            (Form::Number, Filled::Number(_))
            | (Form::Word, Filled::Word(_)) => None,
            (Form::Number, _) => Some("wants a whole number".into()),
            (Form::Word, _) => Some("wants a word".into()),
            (Form::OneOf(words), Filled::Word(word)) => {
                let known = words.iter().any(|w| same(w, word));
                (!known).then(|| format!("wants one of: {}", sorted(words)))
            }
            (Form::OneOf(words), _) => {
                Some(format!("wants one word of: {}", sorted(words)))
            }
            (Form::Order(words), Filled::Words(given)) => {
                let mut left: Vec<&String> = words.iter().collect();
                for one in given {
                    match left.iter().position(|word| same(word, one)) {
                        Some(n) => drop(left.remove(n)),
                        None => {
                            return Some(format!(
                                "has {one:?} once too often: {}",
                                sorted(words)
                            ));
                        }
                    }
                }
                left.sort(); // their order is the answer
                (!left.is_empty()).then(|| format!("lacks {:?}", left[0]))
            }
            (Form::Order(_), _) => Some("wants a list of words".into()),
        }
    }
}

/// An author writes them as they pass: their order would be the answer.
fn sorted(words: &[String]) -> String {
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.sort_unstable();
    words.join(", ")
}

/// What was filled into one blank. Its findings tell what was said, never what
/// is right.
pub struct Said<'a> {
    run: &'a Evidence,
    key: String,
    filled: Option<&'a Filled>,
}

impl Evidence {
    /// What somebody said about this run.
    pub fn said(&self, key: &str) -> Said<'_> {
        Said { run: self, key: key.into(), filled: self.said.get(key) }
    }
}

impl Said<'_> {
    /// It is this word.
    pub fn is(self, word: impl AsRef<str>) -> Finding {
        let word = word.as_ref();
        self.judged(|filled| matches!(filled, Filled::Word(w) if same(w, word)))
    }

    /// It is this number.
    pub fn is_number(self, n: impl TryInto<i64>) -> Finding {
        let n = n.try_into().ok();
        self.judged(
            |filled| matches!(filled, Filled::Number(m) if Some(*m) == n),
        )
    }

    /// It is one of these words.
    pub fn among<T: AsRef<str>>(
        self,
        words: impl IntoIterator<Item = T>,
    ) -> Finding {
        let words: Vec<T> = words.into_iter().collect();
        self.judged(|filled| match filled {
            Filled::Word(w) => words.iter().any(|word| same(w, word.as_ref())),
            _ => false,
        })
    }

    /// It is these words in this order.
    pub fn is_order<T: AsRef<str>>(
        self,
        words: impl IntoIterator<Item = T>,
    ) -> Finding {
        let words: Vec<T> = words.into_iter().collect();
        self.judged(|filled| match filled {
            Filled::Words(given) => {
                given.len() == words.len()
                    && given
                        .iter()
                        .zip(&words)
                        .all(|(a, b)| same(a, b.as_ref()))
            }
            _ => false,
        })
    }

    /// It is the number, in the ladder and from 1, of one of these segments.
    pub fn names(self, segments: &Selection<'_>) -> Finding {
        let right: Vec<i64> =
            segments.indices().map(|n| n as i64 + 1).collect();
        let shown = match self.filled {
            Some(Filled::Number(n)) if *n >= 1 => {
                let at = *n as usize - 1;
                (at < self.run.trace.segments.len()).then_some(at)
            }
            _ => None,
        };
        let finding = self.judged(
            |filled| matches!(filled, Filled::Number(n) if right.contains(n)),
        );
        match shown {
            Some(at) => finding.showing(&[at]),
            None => finding,
        }
    }

    /// What was said, whatever it is.
    pub fn filled(&self) -> Option<&Filled> {
        self.filled
    }

    fn judged(&self, test: impl Fn(&Filled) -> bool) -> Finding {
        let wanted = format!("{} as the run shows it", self.key);
        match self.filled {
            Some(filled) => Finding::new(
                test(filled),
                wanted,
                format!("{} = {filled}", self.key),
            ),
            None => {
                Finding::new(false, wanted, format!("{} is blank", self.key))
            }
        }
    }
}

/// Nobody loses a point by a capital letter.
fn same(a: &str, b: &str) -> bool {
    a.trim().eq_ignore_ascii_case(b.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trace::Segment;

    fn run(said: &[(&str, Filled)]) -> Evidence {
        let mut run = Evidence::default();
        for (from, len) in [("client", 0), ("server", 5)] {
            run.trace.segments.push(Segment {
                from: from.into(),
                len,
                ..Segment::default()
            });
        }
        run.said =
            said.iter().map(|(k, v)| (k.to_string(), v.clone())).collect();
        run
    }

    #[test]
    fn what_was_said_is_held_against_the_run() {
        let words = |w: &[&str]| {
            Filled::Words(w.iter().map(|w| w.to_string()).collect())
        };
        let run = run(&[
            ("cause", Filled::Word("Nagle ".into())),
            ("segment", Filled::Number(2)),
            ("order", words(&["SYN", "ACK"])),
        ]);
        assert!(run.said("cause").is("nagle").holds);
        assert!(!run.said("cause").is("loss").holds);
        assert!(run.said("cause").among(["loss", "nagle"]).holds);
        assert!(!run.said("cause").is_number(2).holds);
        let data = run.segments().with_data();
        let named = run.said("segment").names(&data);
        assert!(named.holds && named.segments == [1]);
        let other = run.said("segment").names(&run.segments().from("client"));
        assert!(!other.holds, "{other:?}");
        assert!(run.said("order").is_order(["SYN", "ACK"]).holds);
        assert!(!run.said("order").is_order(["ACK", "SYN"]).holds);
        assert!(!run.said("order").is_order(["SYN"]).holds);
        let blank = run.said("errno").is("EPIPE");
        assert!(!blank.holds && blank.saw == "errno is blank");
        assert!(!blank.wanted.contains("EPIPE"), "it tells the answer");
    }

    #[test]
    fn a_number_beyond_the_trace_names_nothing() {
        for n in [0, -1, 3, i64::MAX, i64::MIN] {
            let run = run(&[("segment", Filled::Number(n))]);
            let named = run.said("segment").names(&run.segments());
            assert!(!named.holds && named.segments.is_empty(), "{n}");
        }
    }

    #[test]
    fn a_form_says_what_it_wants() {
        let word = |w: &str| Filled::Word(w.into());
        let words = |w: &[&str]| {
            Filled::Words(w.iter().map(|w| w.to_string()).collect())
        };
        assert_eq!(one_of(["a", "b"]).refuses(&word("B")), None);
        assert!(one_of(["a", "b"]).refuses(&word("c")).is_some());
        assert!(number().refuses(&word("7")).is_some());
        let form = order(["x", "y", "y"]);
        assert_eq!(form.refuses(&words(&["y", "x", "y"])), None);
        let lacks = form.refuses(&words(&["y", "x"])).unwrap();
        assert!(lacks.contains("lacks \"y\""), "{lacks}");
        let often = form.refuses(&words(&["x", "x", "y"])).unwrap();
        assert!(often.contains("once too often"), "{often}");
        let form = order(["SYN", "ACK", "RST"]);
        let typo = form.refuses(&words(&["SYM", "ACK", "RST"])).unwrap();
        assert!(typo.ends_with(": ACK, RST, SYN"), "it tells: {typo}");
        let lacks = form.refuses(&words(&["SYN"])).unwrap();
        assert!(lacks.contains("ACK"), "{lacks}");
    }
}

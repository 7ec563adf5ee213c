//! Words -> a question to a trace.

use lab_kit::names::nearest;

use super::words::Word;

/// What can be asked of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A field of a packet.
    Packet { n: usize, field: String },
    /// How many packets there are.
    Count(Filter),
    /// The time between two packets.
    Gap { from: usize, to: usize },
    /// The time that a claim is about.
    GapOf(String),
    /// `holds` or `fails`.
    Claim(String),
    /// A host's sockets at a recorded step.
    State { host: String, label: String },
    /// The nth value that a program kept.
    Value { host: String, key: String, nth: usize },
    /// How much a kernel's counter grew.
    Counter { host: String, name: String },
    /// A cell of an accepted figure.
    Figure { title: String, row: String, column: String },
}

/// Which packets are counted; all that is set must fit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(super) from: Option<String>,
    pub(super) to: Option<String>,
    /// Exactly these: `RST ACK`.
    pub(super) flags: Option<String>,
    /// At least these.
    pub(super) with: Vec<String>,
    /// `data`, `again`, `lost`.
    pub(super) marks: Vec<String>,
    pub(super) saying: Option<String>,
    /// Of this connection.
    pub(super) connection: Option<u32>,
}

/// What a packet can be asked for.
pub(crate) const FIELDS: [&str; 9] =
    ["from", "to", "flags", "seq", "ack", "bytes", "window", "fate", "label"];

const ASKS: [&str; 8] =
    ["packet", "count", "gap", "claim", "state", "value", "counter", "figure"];

const MARKS: [&str; 3] = ["data", "again", "lost"];

const FILTERS: [&str; 10] = [
    "from",
    "to",
    "flags",
    "with",
    "saying",
    "connection",
    "packets",
    "data",
    "again",
    "lost",
];

/// Takes words from the left.
struct Reader<'w> {
    of: &'w str,
    words: &'w [Word],
}

impl<'w> Reader<'w> {
    fn next(&mut self, what: &str) -> Result<&'w str, String> {
        let (first, rest) = self
            .words
            .split_first()
            .ok_or_else(|| format!("`{}` lacks {what}", self.of))?;
        self.words = rest;
        Ok(&first.text)
    }

    fn number(&mut self, what: &str) -> Result<usize, String> {
        let word = self.next(what)?;
        word.parse()
            .map_err(|_| format!("`{}`: `{word}` is not {what}", self.of))
    }

    /// The next word if it is this one.
    fn eat(&mut self, word: &str) -> bool {
        let next = self.words.first();
        let is = next.is_some_and(|w| !w.quoted && w.text == word);
        if is {
            self.words = &self.words[1..];
        }
        is
    }
}

impl Ask {
    /// Reads a question; what follows it is handed back.
    pub(super) fn read(words: &[Word]) -> Result<(Ask, &[Word]), String> {
        let (of, rest) = words.split_first().ok_or("nothing is asked here")?;
        let mut reader = Reader { of: &of.text, words: rest };
        let ask = reader.ask()?;
        Ok((ask, reader.words))
    }
}

impl Reader<'_> {
    fn ask(&mut self) -> Result<Ask, String> {
        Ok(match self.of {
            "packet" => {
                let n = self.number("a packet's number")?;
                let field = self.next("a field")?.to_string();
                if !FIELDS.contains(&field.as_str()) {
                    let hint = nearest(&field, FIELDS);
                    return Err(format!("a packet has no `{field}`; {hint}"));
                }
                Ask::Packet { n, field }
            }
            "count" => Ask::Count(self.filter()?),
            "gap" if self.words.first().is_some_and(|w| w.quoted) => {
                Ask::GapOf(self.next("a claim")?.into())
            }
            "gap" => {
                let from = self.number("a packet's number")?;
                if !self.eat("to") {
                    return Err(
                        "write `gap 4 to 5`, or `gap \"a claim\"`".into()
                    );
                }
                Ask::Gap { from, to: self.number("a packet's number")? }
            }
            "claim" => Ask::Claim(self.next("a claim")?.into()),
            "state" => {
                let host = self.next("a host")?.into();
                if !self.eat("at") {
                    return Err("write `state HOST at \"label\"`".into());
                }
                Ask::State { host, label: self.next("a label")?.into() }
            }
            "value" => {
                let host = self.next("a host")?.into();
                let key = self.next("a key")?.into();
                let next = self.words.first().map(|w| w.text.parse());
                let nth = match next {
                    Some(Ok(nth)) => {
                        self.next("which")?;
                        nth
                    }
                    _ => 1,
                };
                Ask::Value { host, key, nth }
            }
            "counter" => Ask::Counter {
                host: self.next("a host")?.into(),
                name: self.next("a counter")?.into(),
            },
            "figure" => Ask::Figure {
                title: self.next("a title")?.into(),
                row: self.next("a row")?.into(),
                column: self.next("a column")?.into(),
            },
            other => {
                let hint = nearest(other, ASKS);
                return Err(format!("nothing is asked by `{other}`; {hint}"));
            }
        })
    }

    fn filter(&mut self) -> Result<Filter, String> {
        let mut filter = Filter::default();
        while let Some(word) = self.words.first() {
            if word.quoted || !FILTERS.contains(&word.text.as_str()) {
                break;
            }
            match self.next("a filter")? {
                "from" => filter.from = Some(self.next("a host")?.into()),
                "to" => filter.to = Some(self.next("a host")?.into()),
                "flags" => {
                    filter.flags = Some(flags(self.next("flags")?)?);
                }
                "with" => filter.with.push(flags(self.next("a flag")?)?),
                "saying" => filter.saying = Some(self.next("a text")?.into()),
                "connection" => {
                    let n = self.number("a connection's number")?;
                    filter.connection = Some(n as u32);
                }
                mark if MARKS.contains(&mark) => {
                    filter.marks.push(mark.into());
                }
                _ => {}
            }
        }
        Ok(filter)
    }
}

/// Flags in words, as a ladder has them.
pub(super) const FLAGS: [&str; 8] =
    ["SYN", "FIN", "RST", "PSH", "ACK", "URG", "ECE", "CWR"];

fn flags(text: &str) -> Result<String, String> {
    let unknown = text.split(' ').find(|word| !FLAGS.contains(word));
    match unknown {
        None => Ok(text.into()),
        Some(word) => {
            Err(format!("`{word}` is no flag; {}", nearest(word, FLAGS)))
        }
    }
}

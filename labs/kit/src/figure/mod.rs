//! Evidence -> something to look at: a table, bars, bytes, a path.
//!
//! A figure is computed as a claim is, by a function of the evidence; but it
//! may show what a claim must not name: measured values, a hash's choice.
//!
//! ```
//! # use lab_kit::{Evidence, Figure, figure::Bars};
//! fn shares(run: &Evidence) -> Bars {
//!     let workers = (0..4).map(|n| format!("worker {n}"));
//!     workers.fold(Figure::bars("connections"), |bars, name| {
//!         let got = run.observed("server", &name).number();
//!         bars.bar(&name, got.value().unwrap_or(0))
//!     })
//! }
//! ```

mod packet;
mod panel;
pub mod text;

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A figure and its title, as `judge` prints it and `accept` keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// What it shows, as in [`Experiment::figure`](crate::Experiment::figure).
    pub title: String,
    /// What is to be seen.
    pub figure: Figure,
}

/// Something to look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Figure {
    /// Rows and columns.
    Table(Table),
    /// How many of something each has.
    Bars(Bars),
    /// Every byte of something, and what it means.
    Bytes(Bytes),
    /// Who calls whom, in whose context.
    Path(Path),
}

/// Rows and columns; the first column names the row.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The columns' names.
    pub head: Vec<String>,
    /// The rows, each as wide as the head.
    pub rows: Vec<Vec<String>>,
}

/// How many of something each has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bars {
    /// What is counted: `connections`.
    pub unit: String,
    /// Label and count, from top to bottom.
    pub bars: Vec<(String, i64)>,
}

/// Every byte of something, and what it means.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bytes {
    /// In hexadecimal, two digits a byte.
    pub hex: String,
    /// Named ranges, in the order in which they were named.
    pub fields: Vec<Field>,
}

/// A named range of bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Offset of its first byte.
    pub at: usize,
    /// How many bytes.
    pub len: usize,
    /// `source port`.
    pub name: String,
    /// `7000`.
    pub meaning: String,
}

/// Who calls whom, in whose context.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Path {
    /// In order.
    pub steps: Vec<Call>,
}

/// One step of a path.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// In whose context: `client, in sendto()`.
    pub context: String,
    /// In which layer, if the path has layers: `TCP`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub layer: String,
    /// What runs: `tcp_sendmsg`.
    pub name: String,
}

/// The steps of a path in one context, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretch<'a> {
    /// The context.
    pub context: &'a str,
    /// Layer and name of each step, in order.
    pub steps: Vec<(&'a str, &'a str)>,
    /// It is the first of its path.
    pub is_first: bool,
}

impl Figure {
    /// A table with these columns.
    pub fn table<const N: usize>(head: [&str; N]) -> Table {
        Table { head: head.map(String::from).to_vec(), rows: Vec::new() }
    }

    /// Bars that count this: `connections`.
    pub fn bars(unit: &str) -> Bars {
        Bars { unit: unit.into(), bars: Vec::new() }
    }

    /// A view of these bytes.
    pub fn bytes(bytes: &[u8]) -> Bytes {
        let hex = bytes.iter().map(|b| format!("{b:02x}")).collect();
        Bytes { hex, fields: Vec::new() }
    }

    /// A path without a step yet.
    pub fn path() -> Path {
        Path::default()
    }
}

impl Table {
    /// Adds a row; missing cells are empty, cells beyond the head are lost.
    pub fn row<T: ToString>(
        mut self,
        cells: impl IntoIterator<Item = T>,
    ) -> Table {
        let mut row: Vec<String> =
            cells.into_iter().map(|c| c.to_string()).collect();
        row.resize(self.head.len(), String::new());
        self.rows.push(row);
        self
    }
}

impl Bars {
    /// Adds a bar.
    pub fn bar(mut self, label: &str, count: i64) -> Bars {
        self.bars.push((label.into(), count));
        self
    }
}

impl Bytes {
    /// Names a range of the bytes; what lies beyond their end is left out.
    pub fn field(
        mut self,
        range: Range<usize>,
        name: &str,
        meaning: impl ToString,
    ) -> Bytes {
        let end = range.end.min(self.hex.len() / 2);
        if range.start < end {
            self.fields.push(Field {
                at: range.start,
                len: end - range.start,
                name: name.into(),
                meaning: meaning.to_string(),
            });
        }
        self
    }

    /// The bytes themselves.
    pub fn bytes(&self) -> Vec<u8> {
        let digits = self.hex.as_bytes().chunks_exact(2);
        let byte = |pair: &[u8]| {
            u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()
        };
        digits.filter_map(byte).collect()
    }
}

impl Field {
    /// Its bytes, of which a file may say anything.
    pub fn range(&self) -> Range<usize> {
        self.at..self.at.saturating_add(self.len)
    }
}

impl Path {
    /// Adds a step in a context.
    pub fn step(self, context: &str, step: &str) -> Path {
        self.step_in(context, "", step)
    }

    /// Adds a step in a context and a layer. A path with layers is drawn with
    /// its contexts side by side, and its layers from top to bottom in the
    /// order in which they come first: so a path that goes down and comes up
    /// again is a U.
    pub fn step_in(mut self, context: &str, layer: &str, step: &str) -> Path {
        self.steps.push(Call {
            context: context.into(),
            layer: layer.into(),
            name: step.into(),
        });
        self
    }

    /// The steps of each context in turn: a context that comes back comes
    /// twice.
    pub fn stretches(&self) -> Vec<Stretch<'_>> {
        let mut stretches: Vec<Stretch> = Vec::new();
        for call in &self.steps {
            let step = (call.layer.as_str(), call.name.as_str());
            match stretches.last_mut() {
                Some(last) if last.context == call.context => {
                    last.steps.push(step);
                }
                _ => stretches.push(Stretch {
                    context: &call.context,
                    steps: vec![step],
                    is_first: stretches.is_empty(),
                }),
            }
        }
        stretches
    }

    /// The layers, from top to bottom; empty for a path without any.
    pub fn layers(&self) -> Vec<&str> {
        let mut layers = Vec::new();
        for call in &self.steps {
            let layer = call.layer.as_str();
            if !layer.is_empty() && !layers.contains(&layer) {
                layers.push(layer);
            }
        }
        layers
    }
}

impl<'a> Stretch<'a> {
    /// Whether it goes from a lower layer to a higher one, or stays in one
    /// layer on the way back: it is then read from the bottom.
    pub fn rises(&self, layers: &[&str]) -> bool {
        let depth = |step: Option<&(&str, &str)>| {
            layers.iter().position(|layer| step.is_some_and(|s| s.0 == *layer))
        };
        let (from, to) = (depth(self.steps.first()), depth(self.steps.last()));
        from > to || (from == to && !self.is_first)
    }

    /// Its steps in one layer, as they stand from top to bottom.
    pub fn within(&self, layer: &str, rises: bool) -> Vec<&'a str> {
        let steps = self.steps.iter().filter(|(l, _)| *l == layer);
        let mut names: Vec<&str> = steps.map(|(_, name)| *name).collect();
        if rises {
            names.reverse();
        }
        names
    }
}

impl From<Table> for Figure {
    fn from(table: Table) -> Figure {
        Figure::Table(table)
    }
}

impl From<Bars> for Figure {
    fn from(bars: Bars) -> Figure {
        Figure::Bars(bars)
    }
}

impl From<Bytes> for Figure {
    fn from(bytes: Bytes) -> Figure {
        Figure::Bytes(bytes)
    }
}

impl From<Path> for Figure {
    fn from(path: Path) -> Figure {
        Figure::Path(path)
    }
}

//! What is wrong with a book, and where: one line each.

use std::fmt;
use std::path::PathBuf;

/// Something that must be repaired before the book is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The page, as its author knows it.
    pub file: PathBuf,
    /// Its line, from 1; 0 if it is the whole file.
    pub line: usize,
    /// One sentence.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file.display();
        match self.line {
            0 => write!(f, "{file}: {}", self.what),
            line => write!(f, "{file}:{line}: {}", self.what),
        }
    }
}

/// All problems of a book as one text, with their number at the end.
pub(crate) fn report(problems: &[Problem]) -> String {
    let lines: String = problems.iter().map(|p| format!("{p}\n")).collect();
    match problems.len() {
        1 => format!("{lines}1 problem in the book"),
        n => format!("{lines}{n} problems in the book"),
    }
}

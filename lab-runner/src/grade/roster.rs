//! A roster (CSV) -> students; their ids are the only keys that grading knows.
//!
//! The columns `id` and `name` must be there, `email` may be; others are not
//! looked at. An id is a word of ASCII, unique whatever its capitals. A name
//! is data: it is shown, and means nothing.

mod folders;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use csv::{ReaderBuilder, StringRecord, Trim};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;
use unicode_security::skeleton;

use crate::grade::intake::hexadecimal;
use crate::grade::names::{escaped, plain};

#[allow(
    unused_imports,
    reason = "the command that grades a class calls it"
)]
pub(crate) use folders::{Folder, Matched, match_folders};

/// A roster of more bytes is none.
const MOST: u64 = 8 << 20;
const LONGEST_ID: usize = 64;
/// Mistakes that are told at once.
const TOLD: usize = 10;

/// Who is to be graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Roster {
    /// By id.
    pub(crate) students: Vec<Student>,
    /// For the teacher: ids that look alike, names that were made harmless.
    pub(crate) warnings: Vec<String>,
    /// Of the students, however the file spells them.
    pub(crate) digest: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Student {
    /// ASCII letters, digits and `._-`; a letter or digit first.
    pub(crate) id: String,
    /// One line of untrusted text.
    pub(crate) name: String,
    /// The same.
    pub(crate) email: Option<String>,
}

impl Roster {
    pub(crate) fn read(path: &Path) -> Result<Roster> {
        let size = fs::metadata(path).map(|found| found.len());
        let size = size.with_context(|| format!("read the roster {path:?}"))?;
        ensure!(size <= MOST, "the roster {path:?} has {size} bytes");
        let bytes = fs::read(path)
            .with_context(|| format!("read the roster {path:?}"))?;
        Roster::parse(&bytes).with_context(|| format!("the roster {path:?}"))
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Roster> {
        let text = std::str::from_utf8(bytes).context(
            "it is not UTF-8: save it as `CSV UTF-8`, with commas between",
        )?;
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut reader =
            ReaderBuilder::new().trim(Trim::All).from_reader(text.as_bytes());
        let columns = Columns::of(reader.headers()?)?;
        let mut reading = Reading::default();
        for record in reader.records() {
            let record = record?;
            let line = record.position().map_or(0, csv::Position::line);
            // A spreadsheet's empty rows.
            if record.iter().all(str::is_empty) {
                continue;
            }
            reading.take(&columns, &record, line);
        }
        reading.done()
    }

    /// By id, in these very letters.
    #[cfg(test)]
    pub(crate) fn student(&self, id: &str) -> Option<&Student> {
        let found = self.students.binary_search_by(|s| s.id.as_str().cmp(id));
        found.ok().map(|at| &self.students[at])
    }
}

struct Columns {
    id: usize,
    name: usize,
    email: Option<usize>,
}

impl Columns {
    fn of(headers: &StringRecord) -> Result<Columns> {
        let find = |word: &str| -> Result<Option<usize>> {
            let is = |text: &str| text.eq_ignore_ascii_case(word);
            let mut found = (0..headers.len())
                .filter(|&at| headers.get(at).is_some_and(is));
            let first = found.next();
            ensure!(found.next().is_none(), "two columns are called {word:?}");
            Ok(first)
        };
        let need = |word| match find(word)? {
            Some(at) => Ok(at),
            None => bail!(
                "no column is called {word:?}: its first line is {:?}, and has \
                 to be like `id,name,email`, with commas",
                plain(&headers.iter().collect::<Vec<_>>().join(","))
            ),
        };
        let (id, name) = (need("id")?, need("name")?);
        Ok(Columns { id, name, email: find("email")? })
    }
}

/// A roster on its way.
#[derive(Default)]
struct Reading {
    /// By id in small letters, with its line.
    students: BTreeMap<String, (Student, u64)>,
    mistakes: Vec<String>,
    warnings: Vec<String>,
}

impl Reading {
    fn take(&mut self, columns: &Columns, record: &StringRecord, line: u64) {
        let id = record.get(columns.id).unwrap_or_default();
        if let Err(why) = check_id(id) {
            let id = escaped(id.as_bytes());
            self.mistakes.push(format!("line {line}: id \"{id}\": {why}"));
            return;
        }
        let mut text = |at: usize| {
            let given = record.get(at).unwrap_or_default();
            let given: String = given.nfc().collect();
            let kept = plain(&given);
            if kept != given {
                self.warnings.push(format!(
                    "line {line}: {id}: what can't be seen was replaced in \
                     {kept:?}"
                ));
            }
            kept
        };
        let name = text(columns.name);
        let email = columns.email.map(text).filter(|text| !text.is_empty());
        let student = Student { id: id.into(), name, email };
        let key = id.to_ascii_lowercase();
        match self.students.get(&key) {
            Some((other, before)) => self.mistakes.push(format!(
                "line {line}: id {id}: line {before} has {} already",
                other.id
            )),
            None => drop(self.students.insert(key, (student, line))),
        }
    }

    fn done(mut self) -> Result<Roster> {
        let count = self.mistakes.len();
        if count > 0 {
            self.mistakes.truncate(TOLD);
            bail!("{count} mistakes:\n  {}", self.mistakes.join("\n  "));
        }
        ensure!(!self.students.is_empty(), "there is no student in it");
        self.look_alikes();
        let mut students: Vec<_> =
            self.students.into_values().map(|(student, _)| student).collect();
        students.sort_by(|a, b| a.id.cmp(&b.id));
        let text = serde_json::to_vec(&students)?;
        let digest = hexadecimal(Sha256::digest(text));
        Ok(Roster { students, warnings: self.warnings, digest })
    }

    /// `s1` and `sl`: no mistake, and easily one.
    fn look_alikes(&mut self) {
        let mut shapes = BTreeMap::<String, Vec<&str>>::new();
        for key in self.students.keys() {
            shapes.entry(shape(key)).or_default().push(key);
        }
        let same = shapes.into_values().filter(|same| same.len() > 1);
        let told = same
            .map(|same| format!("ids that look alike: {}", same.join(", ")));
        self.warnings.extend(told.collect::<Vec<_>>());
    }
}

fn check_id(id: &str) -> Result<(), &'static str> {
    let inner = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
    if id.is_empty() {
        return Err("there is none");
    }
    if id.len() > LONGEST_ID {
        return Err("it has more than 64 characters");
    }
    if !id.bytes().all(|b| inner(&b)) {
        return Err(
            "letters a to z, digits, `.`, `_` and `-` only; a letter of \
             another script may look like one of these",
        );
    }
    let ends = [id.as_bytes()[0], id.as_bytes()[id.len() - 1]];
    match ends.iter().all(u8::is_ascii_alphanumeric) {
        true => Ok(()),
        false => Err("it has to begin and end with a letter or a digit"),
    }
}

/// The same for all that looks the same.
fn shape(text: &str) -> String {
    let small: String = text.nfc().collect::<String>().to_lowercase();
    skeleton(&small).collect()
}

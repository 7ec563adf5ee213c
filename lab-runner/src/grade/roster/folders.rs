//! A roster and the folder of submissions -> which folder is whose.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use unicode_normalization::UnicodeNormalization;

use super::{Roster, Student, shape};
use crate::grade::intake::{Finding, What};
use crate::grade::names::escaped;

/// A folder of submissions with more in it is something else.
const MOST: usize = 100_000;

/// Who handed in what.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Matched {
    /// All of the roster, by id.
    pub(crate) students: Vec<(Student, Folder)>,
    /// What is there and nobody's.
    pub(crate) findings: Vec<Finding>,
}

/// A student's folder among the submissions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Folder {
    /// Its name. The intake says whether it is a folder.
    There(OsString),
    /// Nothing was handed in.
    Missing,
    /// More than one claims the id: their names, escaped. Nobody but the
    /// teacher can say which it is.
    Claimed(Vec<String>),
}

/// A folder is a student's if its name is the id; capitals don't count.
pub(crate) fn match_folders(
    roster: &Roster,
    submissions: &Path,
) -> Result<Matched> {
    let mut claims = Claims::of(roster);
    for name in names(submissions)? {
        claims.add(name);
    }
    Ok(claims.done(roster))
}

fn names(submissions: &Path) -> Result<Vec<OsString>> {
    let doing = || format!("list the submissions in {submissions:?}");
    let mut names = Vec::new();
    for entry in fs::read_dir(submissions).with_context(doing)? {
        ensure!(names.len() < MOST, "{}: more than {MOST}", doing());
        names.push(entry.with_context(doing)?.file_name());
    }
    names.sort();
    Ok(names)
}

struct Claims {
    /// An id in small letters, and the folders of that name.
    folders: BTreeMap<String, Vec<OsString>>,
    /// How an id looks, and the id.
    shapes: BTreeMap<String, String>,
    findings: Vec<Finding>,
}

impl Claims {
    fn of(roster: &Roster) -> Claims {
        let ids = || roster.students.iter().map(|student| &student.id);
        Claims {
            folders: ids()
                .map(|id| (id.to_ascii_lowercase(), Vec::new()))
                .collect(),
            shapes: ids().map(|id| (shape(id), id.clone())).collect(),
            findings: Vec::new(),
        }
    }

    fn add(&mut self, name: OsString) {
        let text = name.to_str().map(|text| text.nfc().collect::<String>());
        let key = text.as_deref().map(str::to_ascii_lowercase);
        if let Some(claims) = key.and_then(|key| self.folders.get_mut(&key)) {
            claims.push(name);
            return;
        }
        let alike = text.and_then(|text| self.shapes.get(&shape(&text)));
        let (what, why) = match alike {
            Some(id) => (
                What::LookAlike,
                format!("it looks like {id}, and is not: rename it if it is"),
            ),
            None => (What::Unknown, "no id of the roster".into()),
        };
        self.findings.push(Finding::new(name.as_bytes(), what, why));
    }

    fn done(mut self, roster: &Roster) -> Matched {
        let mut students = Vec::new();
        for student in &roster.students {
            let key = student.id.to_ascii_lowercase();
            let mut claims = self.folders.remove(&key).unwrap_or_default();
            let folder = match (claims.pop(), claims.is_empty()) {
                (None, _) => Folder::Missing,
                (Some(name), true) => Folder::There(name),
                (Some(name), false) => {
                    claims.push(name);
                    self.clash(&student.id, &claims)
                }
            };
            students.push((student.clone(), folder));
        }
        self.findings.sort_by(|a, b| a.path.cmp(&b.path));
        Matched { students, findings: self.findings }
    }

    fn clash(&mut self, id: &str, claims: &[OsString]) -> Folder {
        let why = format!("another folder claims {id}, too: keep one of them");
        for name in claims {
            let name = name.as_bytes();
            let finding = Finding::new(name, What::ClaimedTwice, why.clone());
            self.findings.push(finding);
        }
        let names = claims.iter().map(|name| escaped(name.as_bytes()));
        Folder::Claimed(names.collect())
    }
}

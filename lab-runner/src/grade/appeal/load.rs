//! A grading's folder -> its results, and whether what they rest on is still
//! as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use lab_kit::names::nearest;
use nix::fcntl::{Flock, FlockArg};
use sha2::{Digest, Sha256};

use super::super::handed::Handed;
use super::there;
use crate::discover::Project;
use crate::exercise::{Found, all};
use crate::grade::digest;
use crate::grade::evidence::{Now, now};
use crate::grade::intake::hexadecimal;
use crate::grade::results::{KeptFile, Mark, Results, Student};
use crate::grade::whole::whole;

/// A class that was graded, and nobody who grades it meanwhile.
pub(crate) struct Class {
    pub(crate) folder: PathBuf,
    pub(crate) results: Results,
    /// Of results.json, for who wrote it down when it was graded.
    pub(crate) sha256: String,
    _still: Option<Flock<fs::File>>,
}

/// A file or a folder on which a mark rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) bytes: Option<u64>,
    /// How it is not what results.json says, if so.
    pub(crate) changed: Option<String>,
}

pub(super) type Bytes<'a> = (&'a KeptFile, Vec<u8>);

impl Class {
    /// From results.json, or the folder that it is in.
    pub(crate) fn read(path: &Path) -> Result<Class> {
        let file = match path.is_dir() {
            true => path.join("results.json"),
            false => path.to_path_buf(),
        };
        let shown = file.display();
        let bytes = fs::read(&file).with_context(|| format!("read {shown}"))?;
        let results: Results =
            serde_json::from_slice(&bytes).with_context(|| {
                format!("{shown}: no results.json that I can read")
            })?;
        whole(&results).with_context(|| format!("{shown} is not whole"))?;
        let above = file.parent().filter(|p| !p.as_os_str().is_empty());
        let folder = above.unwrap_or(Path::new(".")).to_path_buf();
        let sha256 = hexadecimal(Sha256::digest(&bytes));
        let _still = held(&folder)?;
        Ok(Class { folder, results, sha256, _still })
    }

    pub(crate) fn student(&self, id: &str) -> Result<&Student> {
        let mut all = self.results.students.iter();
        let ids = self.results.students.iter().map(|s| s.id.as_str());
        match all.find(|student| student.id == id) {
            Some(student) => Ok(student),
            None => bail!("nobody has the id {id:?}; {}", nearest(id, ids)),
        }
    }

    /// The exercises that a name means.
    pub(super) fn exercises(&self, name: Option<&str>) -> Result<Vec<String>> {
        let all = self.results.exercises.iter().map(|e| e.name.clone());
        let Some(name) = name else { return Ok(all.collect()) };
        let own = |full: &str| full.split('/').nth(1) == Some(name);
        let found = all.clone().filter(|full| full == name || own(full));
        let found: Vec<String> = found.collect();
        if found.is_empty() {
            let all: Vec<String> = all.collect();
            let names = all.iter().map(String::as_str);
            bail!("{name:?} was not graded; {}", nearest(name, names));
        }
        Ok(found)
    }

    /// What was handed in, and whether it is what was graded.
    pub(super) fn handed(
        &self,
        id: &str,
        found: &Found,
        mark: &Mark,
    ) -> (Handed, File) {
        let path = format!("taken/{id}");
        let taken = self.folder.join(&path);
        let handed = there(&taken, found, self.results.exercises.len() == 1);
        let is = handed.digest(&taken).unwrap_or_default();
        let changed = match (is == mark.digest, mark.digest.is_empty()) {
            (true, _) => None,
            // Of a submission that was refused as a whole nothing was taken.
            (false, true) => Some("there is an answer that nobody graded"),
            (false, false) if is.is_empty() => Some("it is gone"),
            (false, false) => Some("it is not what was graded"),
        };
        let own = handed.path().and_then(|p| p.strip_prefix(&self.folder).ok());
        let path = own.map_or(path, |own| own.display().to_string());
        let changed = changed.map(String::from);
        (handed, File { path, bytes: None, changed })
    }

    /// What was recorded, and its bytes if they are as they were.
    pub(super) fn evidence<'a>(
        &self,
        mark: &'a Mark,
    ) -> (Vec<File>, Vec<Bytes<'a>>) {
        let kept = mark.evidence.iter().flat_map(|it| &it.files);
        let mut files = Vec::new();
        let mut whole = Vec::new();
        for kept in kept {
            let changed = match now(&self.folder, kept) {
                Now::Changed(why) => Some(why),
                Now::Same(bytes) => {
                    whole.push((kept, bytes));
                    None
                }
            };
            let (path, bytes) = (kept.path.clone(), Some(kept.bytes));
            files.push(File { path, bytes, changed });
        }
        (files, whole)
    }

    /// What has changed since it was graded by these exercises.
    pub(super) fn notes(&self, today: &[Found]) -> Vec<String> {
        let mut notes = Vec::new();
        let then = &self.results.exercises_digest;
        if !digest(today).is_ok_and(|now| now == *then) {
            notes.push(
                "the exercises are not the ones by which it was graded".into(),
            );
        }
        let (then, runner) = (&self.results.runner, env!("CARGO_PKG_VERSION"));
        if then != runner {
            notes.push(format!("lab-runner {then} graded it; I am {runner}"));
        }
        notes
    }

    /// Today's exercises of the names that were graded, in their order; a lab
    /// is asked once.
    pub(super) fn today(&self, project: &Project) -> Result<Vec<Found>> {
        let mut labs: BTreeMap<&str, Vec<Found>> = BTreeMap::new();
        let mut found = Vec::new();
        for assigned in &self.results.exercises {
            let name = &assigned.name;
            let chapter = name.split('/').next().unwrap_or_default();
            if !labs.contains_key(chapter) {
                labs.insert(chapter, all(project, Some(chapter))?);
            }
            let mut own = labs[chapter].iter();
            found.extend(own.find(|found| found.name() == *name).cloned());
        }
        Ok(found)
    }
}

/// The folder's lock, shared with other appeals; none where it can't be had,
/// as on a disk that may only be read.
fn held(folder: &Path) -> Result<Option<Flock<fs::File>>> {
    let path = folder.join("lock");
    let Ok(file) = fs::File::open(&path) else { return Ok(None) };
    match Flock::lock(file, FlockArg::LockSharedNonblock) {
        Ok(held) => Ok(Some(held)),
        Err((_, nix::errno::Errno::EWOULDBLOCK)) => bail!(
            "{} is held: a grading is at work there; appeal when it is done",
            path.display()
        ),
        Err(_) => Ok(None),
    }
}

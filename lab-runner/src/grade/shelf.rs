//! The folder of a grading: what was taken, what was built, and marks that are
//! final, each whole or not there: a grading that was killed goes on from them.
//!
//! ```text
//! OUT/lock                      held by the one that is at work
//! OUT/taken/ID/..               copies of what was handed in, which were graded
//! OUT/marks/ID/EXERCISE.json    final marks, with what they rest on
//! OUT/evidence/ID/EXERCISE.*    what was recorded of the runs of all marks
//! OUT/programs/                 built answers; gone when all is graded
//! ```

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};
use serde::{Deserialize, Serialize};

use super::evidence;
use super::results::{Evidence, Graded, Mark};
use crate::check::write_whole;
use crate::run::Run;

/// The folder, and nobody else in it.
pub(super) struct Shelf {
    at: PathBuf,
    _alone: Flock<File>,
}

/// A mark and what it rests on: another answer, exercise or runner, and it is
/// given anew.
#[derive(Serialize, Deserialize)]
struct Kept {
    rests_on: String,
    mark: Mark,
}

impl Shelf {
    /// Opens it, and clears away what an earlier grading left unfinished.
    pub(super) fn open(out: &Path, fresh: bool) -> Result<Shelf> {
        fs::create_dir_all(out)
            .with_context(|| format!("make {}", out.display()))?;
        let lock = out.join("lock");
        let file = File::create(&lock)
            .with_context(|| format!("make {}", lock.display()))?;
        let Ok(alone) = Flock::lock(file, FlockArg::LockExclusiveNonblock)
        else {
            bail!(
                "{} is held: is another grading at work with this --out?",
                lock.display()
            )
        };
        let shelf = Shelf { at: out.canonicalize()?, _alone: alone };
        shelf.clear("taken")?;
        shelf.clear("programs")?;
        if fresh {
            shelf.clear("marks")?;
            shelf.clear(evidence::FOLDER)?;
        }
        for name in ["taken", "programs", "marks"] {
            fs::create_dir_all(shelf.at.join(name))?;
        }
        Ok(shelf)
    }

    /// A new folder for what one student handed in.
    pub(super) fn taken(&self, id: &str) -> PathBuf {
        self.at.join("taken").join(id)
    }

    pub(super) fn program(&self, id: &str, slug: &str) -> PathBuf {
        self.at.join("programs").join(format!("{id}-{slug}"))
    }

    /// Keeps what was recorded of a run, instead of what was before.
    pub(super) fn record(
        &self,
        id: &str,
        slug: &str,
        run: Option<&Run>,
    ) -> Result<Option<Evidence>> {
        evidence::forget(&self.at, id, slug)?;
        run.map(|run| evidence::keep(&self.at, id, slug, run)).transpose()
    }

    /// The mark that was given for just this, if it was.
    pub(super) fn kept(
        &self,
        id: &str,
        slug: &str,
        rests_on: &str,
    ) -> Option<Mark> {
        let text = fs::read(self.mark(id, slug)).ok()?;
        let kept: Kept = serde_json::from_slice(&text).ok()?;
        (kept.rests_on == rests_on).then_some(kept.mark)
    }

    /// Keeps a mark; one that is still open isn't kept.
    pub(super) fn keep(
        &self,
        id: &str,
        slug: &str,
        rests_on: &str,
        mark: &Mark,
    ) -> Result<()> {
        if mark.verdict == Graded::Inconclusive {
            return Ok(());
        }
        let path = self.mark(id, slug);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let kept = Kept { rests_on: rests_on.into(), mark: mark.clone() };
        write_whole(&path, serde_json::to_string_pretty(&kept)?.as_bytes())
    }

    /// All is graded: programs can be built again.
    pub(super) fn done(&self) -> Result<()> {
        self.clear("programs")
    }

    fn mark(&self, id: &str, slug: &str) -> PathBuf {
        self.at.join("marks").join(id).join(format!("{slug}.json"))
    }

    fn clear(&self, name: &str) -> Result<()> {
        let path = self.at.join(name);
        match fs::remove_dir_all(&path) {
            Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                Err(e).with_context(|| format!("clear {}", path.display()))
            }
            _ => Ok(()),
        }
    }
}

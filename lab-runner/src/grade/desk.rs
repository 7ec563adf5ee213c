//! One student's submission, one exercise -> a mark: what was handed in, built,
//! attempted, kept.

use anyhow::Result;
use lab_kit::Kind;

use super::attempt::{Judged, Machine, judged};
use super::build::Builder;
use super::handed::{Handed, handed};
use super::mark::unrun;
use super::ready::Bench;
use super::results::Mark;
use super::shelf::Shelf;
use crate::exercise::Found;

/// What every mark of a grading is given with.
pub(super) struct Desk<'a> {
    pub(super) shelf: &'a Shelf,
    pub(super) builder: &'a Builder,
    pub(super) machine: &'a Machine,
    /// Of the exercises and the runner: marks rest on it.
    pub(super) version: &'a str,
    /// There is one exercise: it may lie in the submission itself.
    pub(super) only: bool,
    pub(super) tries: u32,
}

impl Desk<'_> {
    /// The mark for what lies in the student's taken folder.
    pub(super) fn mark(&self, id: &str, found: &Found) -> Result<Mark> {
        let taken = self.shelf.taken(id);
        let handed = handed(&taken, found, self.only);
        let digest = handed.digest(&taken)?;
        let slug = found.slug();
        let rests_on = format!("{} {digest}", self.version);
        if let Some(mark) = self.shelf.kept(id, &slug, &rests_on) {
            return Ok(mark);
        }
        let mark = Mark { digest, ..self.given(id, found, &handed)? };
        self.shelf.keep(id, &slug, &rests_on, &mark)?;
        Ok(mark)
    }

    fn given(&self, id: &str, found: &Found, handed: &Handed) -> Result<Mark> {
        let slug = found.slug();
        let program = self.shelf.program(id, &slug);
        let (builder, machine) = (self.builder, self.machine);
        let bench = Bench { builder, machine, program: &program };
        let judged = match bench.ready(found, handed) {
            Ok(answer) => judged(self.machine, found, &answer, self.tries),
            Err((cause, why)) => {
                Judged { mark: unrun(found, cause, &why), run: None }
            }
        };
        // A diagnosis is about a capture that is the lab's.
        let is_ours = found.task.kind == Kind::Diagnose;
        let run = judged.run.as_ref().filter(|_| !is_ours);
        let evidence = self.shelf.record(id, &slug, run)?;
        Ok(Mark { evidence, ..judged.mark })
    }
}

//! What takes a machine that can grade: a right answer's run, and the answer
//! once more.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab_box::Cgroup;
use lab_kit::Kind;
use nix::fcntl::{Flock, FlockArg};

use super::super::attempt::{Judged, Machine, once};
use super::super::build::Builder;
use super::super::handed::{Handed, Language};
use super::super::libraries::Libraries;
use super::super::mark::unrun;
use super::super::ready::{Bench, Ready};
use super::{Appealed, Beside, Order};
use crate::discover::Project;
use crate::exercise::{Answer, Found, has_cargo};
use crate::grade::results::{Graded, Mark};
use crate::report;
use crate::run::Run;

/// Builds and runs, one appeal at a time.
pub(super) struct Live {
    builder: Builder,
    machine: Machine,
    folder: PathBuf,
    _alone: Flock<fs::File>,
}

impl Live {
    /// Nothing, if nothing shall be run or need be.
    pub(super) fn wanted(
        project: &Project,
        order: &Order,
        one: &Appealed,
    ) -> Result<Option<Live>> {
        let runs = order.again > 0 && !one.mark.digest.is_empty();
        if order.offline.is_some() || !one.compares() && !runs {
            return Ok(None);
        }
        let folder = project.target().join("appeal");
        fs::create_dir_all(&folder)
            .with_context(|| format!("make {}", folder.display()))?;
        let lock = fs::File::create(folder.join("lock"))?;
        let alone = Flock::lock(lock, FlockArg::LockExclusive)
            .map_err(|(_, errno)| errno)
            .context("wait for another appeal")?;
        clear(&folder);
        // Without Rust, answers in other languages can still be run.
        let libraries = match one.found.task.kind {
            Kind::Make if has_cargo() => Some(Libraries::build(project)?),
            _ => None,
        };
        let builder = Builder { libraries, cgroup: Cgroup::Auto };
        let machine = Machine::default();
        Ok(Some(Live { builder, machine, folder, _alone: alone }))
    }

    fn ready(&self, found: &Found, handed: &Handed, name: &str) -> Ready {
        let program = self.folder.join(name);
        let (builder, machine) = (&self.builder, &self.machine);
        Bench { builder, machine, program: &program }.ready(found, handed)
    }

    /// What was recorded of the answer, beside the authors' solution, which is
    /// run for it.
    pub(super) fn beside(
        &self,
        one: &Appealed,
    ) -> Option<std::result::Result<Beside, String>> {
        match &one.kept {
            Ok((kept, _)) if one.compares() => {
                Some(self.solution(&one.found, kept))
            }
            _ => None,
        }
    }

    fn solution(
        &self,
        found: &Found,
        kept: &Run,
    ) -> std::result::Result<Beside, String> {
        let solution = found.solution();
        if !solution.is_file() {
            return Err("no solution here: was this handed out?".into());
        }
        report::progress(&format!("running the solution of {}", found.name()));
        let handed = Handed::Source(Language::Rust, solution);
        let answer = self
            .ready(found, &handed, "solution")
            .map_err(|(_, why)| format!("the solution is not ready: {why}"))?;
        let judged = settled(found, &answer);
        match (judged.mark.verdict, judged.run) {
            (Graded::Pass, Some(run)) => Ok(Beside::of(kept, &run)),
            _ => Err(format!(
                "even the solution does not pass here and now ({}): trust no \
                 mark of this machine",
                judged.mark.why
            )),
        }
    }

    /// The kept answer, built and run again.
    pub(super) fn again(&self, order: &Order, one: &Appealed) -> Vec<Mark> {
        let found = &one.found;
        let nothing = one.mark.digest.is_empty();
        if order.again == 0 || nothing || one.answer.changed.is_some() {
            return Vec::new();
        }
        let (handed, _) = order.class.handed(order.student, found, &one.mark);
        let answer = match self.ready(found, &handed, "answer") {
            Ok(answer) => answer,
            Err((cause, why)) => return vec![unrun(found, cause, &why)],
        };
        let run = |n| {
            let name = found.name();
            report::progress(&format!("{name}: run {n} of {}", order.again));
            settled(found, &answer).mark
        };
        (1..=order.again).map(run).collect()
    }
}

/// Somebody's program is not left lying about.
impl Drop for Live {
    fn drop(&mut self) {
        clear(&self.folder);
    }
}

const PROGRAMS: [&str; 2] = ["solution", "answer"];

fn clear(folder: &Path) {
    for name in PROGRAMS {
        let _ = fs::remove_file(folder.join(name));
    }
}

/// As often as grading tries it by itself.
const TRIES: u32 = 4;

/// A run, and another while nothing follows from it.
fn settled(found: &Found, answer: &Answer) -> Judged {
    let mut judged = once(found, answer, 1);
    for n in 2..=TRIES {
        if judged.mark.verdict == Graded::Inconclusive {
            judged = once(found, answer, n);
        }
    }
    judged
}

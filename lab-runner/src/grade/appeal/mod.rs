//! A mark that somebody doubts -> what was kept of it, as it is now; judged
//! again by the same rules; beside a right answer's run; and run again.
//!
//! Nothing in `results.json` is believed that a file beside it can show:
//! what was handed in and what was recorded are held against its digests.

mod beside;
mod live;
mod load;
#[cfg(test)]
mod tests;

use std::path::Path;

use anyhow::{Context, Result, bail};
use lab_kit::Kind;

pub(crate) use beside::Beside;
pub(crate) use load::{Class, File};

use super::handed::{Handed, handed};
use super::mark::of_run;
use super::ready::said;
use super::results::{Cause, Graded, Mark};
use crate::discover::Project;
use crate::exercise::{Answer, Found, attempt};
use crate::grade::evidence;
use crate::run::{Run, Turned};
use crate::stage::Program;
use live::Live;

/// What is asked.
pub(crate) struct Order<'a> {
    pub(crate) class: &'a Class,
    pub(crate) student: &'a str,
    /// All of the student's without one.
    pub(crate) exercise: Option<&'a str>,
    /// How often the answer is run again.
    pub(crate) again: u32,
    /// Why nothing can be run here, or shall be.
    pub(crate) offline: Option<String>,
}

/// What speaks for a mark and against it.
pub(crate) struct Appealed {
    pub(crate) found: Found,
    pub(crate) mark: Mark,
    /// What was handed in.
    pub(crate) answer: File,
    /// What was recorded.
    pub(crate) evidence: Vec<File>,
    /// What was kept of the run, judged today, and what that is worth; or why
    /// it is not.
    pub(crate) kept: std::result::Result<(Run, Mark), String>,
    /// A right answer's run, or why there is none; nothing where none helps.
    pub(crate) beside: Option<std::result::Result<Beside, String>>,
    /// The answer, run again.
    pub(crate) again: Vec<Mark>,
    /// What else is to be known.
    pub(crate) notes: Vec<String>,
}

/// Looks into one mark, or all of a student.
pub(crate) fn appeal(
    project: &Project,
    order: &Order,
) -> Result<Vec<Appealed>> {
    let student = order.class.student(order.student)?;
    let names = order.class.exercises(order.exercise)?;
    let today = order.class.today(project)?;
    let notes = order.class.notes(&today);
    let mut all = Vec::new();
    for mark in student.marks.iter().filter(|m| names.contains(&m.exercise)) {
        let mut named = today.iter();
        let found = named.find(|found| found.name() == mark.exercise);
        let found = found.cloned().with_context(|| {
            format!("{} is no exercise here any more", mark.exercise)
        })?;
        let mut one = looked_into(order, found, mark);
        one.notes.extend(notes.iter().cloned());
        if let Some(live) = Live::wanted(project, order, &one)? {
            one.beside = live.beside(&one);
            one.again = live.again(order, &one);
        }
        all.push(one);
    }
    match all.is_empty() {
        true => bail!("{} has no such mark", order.student),
        false => Ok(all),
    }
}

/// All that takes no privilege.
fn looked_into(order: &Order, found: Found, mark: &Mark) -> Appealed {
    let class = order.class;
    let (handed, answer) = class.handed(order.student, &found, mark);
    let (evidence, kept) = class.evidence(mark);
    let kept = match evidence.iter().any(|file| file.changed.is_some()) {
        true => Err("what was changed is not judged".into()),
        false => {
            let files = Kept { id: order.student, files: &kept };
            files.judged(&found, mark, &handed, &answer)
        }
    };
    let mut notes = Vec::new();
    if mark.verdict == Graded::Inconclusive {
        notes.push("no mark was given: grading again tries it again".into());
    }
    let (mark, again) = (mark.clone(), Vec::new());
    let mut one = Appealed {
        found,
        mark,
        answer,
        evidence,
        kept,
        beside: None,
        again,
        notes,
    };
    if let (Some(why), true) = (&order.offline, one.compares()) {
        one.beside = Some(Err(why.clone()));
    }
    one
}

/// What was kept of a run.
struct Kept<'a> {
    id: &'a str,
    files: &'a [load::Bytes<'a>],
}

impl Kept<'_> {
    fn judged(
        &self,
        found: &Found,
        mark: &Mark,
        handed: &Handed,
        answer: &File,
    ) -> std::result::Result<(Run, Mark), String> {
        let form = match found.task.kind {
            Kind::Make => None,
            Kind::Predict | Kind::Diagnose => Some(form(found, handed)),
        };
        if form.is_some() && answer.changed.is_some() {
            return Err("what was changed is not judged".into());
        }
        let form = form.transpose()?;
        let ran = match (found.task.kind, form) {
            (Kind::Diagnose, Some(form)) => attempt(found, form),
            _ if mark.evidence.is_none() && mark.rules.is_empty() => {
                return Err("nothing was run".into());
            }
            _ if self.files.is_empty() => return Err(lacks(mark)),
            (_, Some(Answer::Said(said))) => {
                let turned = Turned { said: Some(said), ..Turned::default() };
                evidence::judged(found, self.id, self.files, &turned)
            }
            _ => {
                let answer = Some(Program::default());
                let turned = Turned { answer, ..Turned::default() };
                evidence::judged(found, self.id, self.files, &turned)
            }
        };
        let run = ran.map_err(|error| format!("{error:#}"))?;
        let worth = of_run(found, &run, mark.runs);
        Ok((run, worth))
    }
}

fn lacks(mark: &Mark) -> String {
    let evidence = mark.evidence.as_ref();
    match evidence.and_then(|it| it.lacks.clone()) {
        Some(why) => format!("nothing was kept of the run: {why}"),
        None => {
            "nothing was kept of the run: an older lab-runner graded it".into()
        }
    }
}

fn form(found: &Found, handed: &Handed) -> std::result::Result<Answer, String> {
    match handed.path().map(|path: &Path| said(found, path)) {
        Some(Ok(Ok(answer))) => Ok(answer),
        Some(Ok(Err(why))) => Err(why),
        Some(Err(error)) => Err(format!("{error:#}")),
        None => Err("nothing was run".into()),
    }
}

impl Appealed {
    /// Whether a right answer's run says more: this was a program that ran,
    /// and was not right.
    fn compares(&self) -> bool {
        let is_right = self.mark.verdict == Graded::Pass;
        self.found.task.kind == Kind::Make && self.kept.is_ok() && !is_right
    }

    /// Reasons to doubt the mark.
    pub(crate) fn against(&self) -> Vec<String> {
        let mut all = Vec::new();
        for file in self.evidence.iter().chain([&self.answer]) {
            if let Some(why) = &file.changed {
                all.push(format!("{}: {why}", file.path));
            }
        }
        let (points, of) = (self.mark.points, self.mark.of);
        if let Ok((_, now)) = &self.kept
            && !alike(now, &self.mark)
        {
            all.push(format!(
                "the kept run is worth {} of {of} by today's rules, and the \
                 mark is {points} of {of}",
                now.points
            ));
        }
        let runs = self.again.len();
        let other = self.again.iter().filter(|m| self.differs(m)).count();
        if other > 0 {
            all.push(format!("{other} of {runs} new runs came out otherwise"));
        }
        all
    }

    /// Whether a new run speaks against the mark; one from which nothing
    /// follows does not.
    pub(crate) fn differs(&self, again: &Mark) -> bool {
        again.verdict != Graded::Inconclusive && !alike(again, &self.mark)
    }

    /// 0: the mark stands; 1: something speaks against it; 2: nothing could
    /// be judged.
    pub(crate) fn exit_code(&self) -> u8 {
        let is_open = |mark: &&Mark| mark.verdict == Graded::Inconclusive;
        let said = self.again.iter().filter(|mark| !is_open(mark)).count();
        let was_run = !matches!(
            self.mark.cause,
            Cause::NotHandedIn | Cause::NotAnAnswer | Cause::DoesNotCompile
        );
        match self.against().is_empty() {
            false => 1,
            true if !self.again.is_empty() && said == 0 => 2,
            true if was_run && self.kept.is_err() && said == 0 => 2,
            true => 0,
        }
    }
}

/// Whether two marks say the same of an answer.
pub(crate) fn alike(one: &Mark, other: &Mark) -> bool {
    let holding = |mark: &Mark| -> Vec<bool> {
        mark.rules.iter().map(|rule| rule.holds).collect()
    };
    one.verdict == other.verdict
        && one.points == other.points
        && one.cause == other.cause
        && holding(one) == holding(other)
}

/// What lies in a taken folder for an exercise.
fn there(taken: &Path, found: &Found, only: bool) -> Handed {
    handed(taken, found, only)
}

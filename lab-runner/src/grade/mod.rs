//! Submissions of a class -> marks, causes, reports.
//!
//! In the order in which a submission passes through them:
//!
//! - `roster`    roster.csv, DIR -> whose folder is whose
//! - `partition` a part of the class, for one of several machines
//! - `intake`    a folder -> copies of regular files, findings
//! - `handed`    copies, an exercise -> the answer to it
//! - `build`     its source -> a program, in the box
//! - `ready`     that, or a form -> an answer that can be judged
//! - `attempt`   a program in the box, its peer, the wire -> a judged run
//! - `mark`      a judged run -> a mark
//! - `evidence`  a judged run -> files, from which it can be judged again
//! - `shelf`     marks -> files, so that a grading can go on
//! - `export`    marks -> JSON, JUnit, Gradescope, CSV, HTML
//! - `merge`     parts of a class -> the class
//! - `appeal`    a mark that somebody doubts -> what speaks for it and against

pub(crate) mod appeal;
mod attempt;
mod build;
mod desk;
pub(crate) mod evidence;
pub(crate) mod export;
mod handed;
pub(crate) mod intake;
mod libraries;
mod mark;
pub(crate) mod merge;
mod names;
pub(crate) mod partition;
mod ready;
pub(crate) mod results;
pub(crate) mod roster;
#[cfg(test)]
pub(crate) mod sample;
mod shelf;
mod whole;
mod work;

use std::path::Path;

use anyhow::{Context, Result};
use lab_kit::Kind;
use sha2::{Digest, Sha256};

use crate::discover::Project;
use crate::exercise::{Found, all, find, has_cargo};
use crate::grade::attempt::Machine;
use crate::grade::build::Builder;
use crate::grade::desk::Desk;
use crate::grade::intake::hexadecimal;
use crate::grade::libraries::Libraries;
use crate::grade::partition::Partition;
use crate::grade::results::{
    Assigned, FORMAT, Results, Stranger, Student, Worth,
};
use crate::grade::roster::{Matched, Roster, match_folders};
use crate::grade::shelf::Shelf;
use crate::kernel;
use crate::report;

/// What a grading is told.
pub(crate) struct Order<'a> {
    pub(crate) submissions: &'a Path,
    pub(crate) roster: &'a Path,
    pub(crate) out: &'a Path,
    /// All exercises without one.
    pub(crate) exercises: &'a [String],
    pub(crate) partition: Option<Partition>,
    pub(crate) jobs: usize,
    pub(crate) tries: u32,
    pub(crate) cgroup: lab_box::Cgroup,
    pub(crate) fresh: bool,
}

/// Grades a class, or a part of it.
pub(crate) fn grade(project: &Project, order: &Order) -> Result<Results> {
    let roster = Roster::read(order.roster)?;
    let exercises = exercises(project, order.exercises)?;
    let matched = part(match_folders(&roster, order.submissions)?, order);
    let shelf = Shelf::open(order.out, order.fresh)?;
    let makes = exercises.iter().any(|found| found.task.kind == Kind::Make);
    let libraries = match makes && has_cargo() {
        true => {
            report::progress("building what answers may use");
            Some(Libraries::build(project)?)
        }
        false => None,
    };
    let exercises_digest = digest(&exercises)?;
    let runner = env!("CARGO_PKG_VERSION");
    let desk = Desk {
        shelf: &shelf,
        builder: &Builder { libraries, cgroup: order.cgroup },
        machine: &Machine::default(),
        version: &format!(
            "{runner} {exercises_digest} {} {:?}",
            programs(&exercises)?,
            order.cgroup
        ),
        only: exercises.len() == 1,
        tries: order.tries,
    };
    let students = work::work(&desk, &matched, &exercises, order)?;
    report::progress_done();
    shelf.done()?;
    Ok(Results {
        format: FORMAT,
        runner: runner.into(),
        exercises_digest,
        roster_digest: roster.digest,
        partition: order.partition.map(|part| part.to_string()),
        kernel: kernel::release(),
        exercises: exercises.iter().map(assigned).collect(),
        students,
        strangers: strangers(&matched),
    })
}

fn exercises(project: &Project, names: &[String]) -> Result<Vec<Found>> {
    match names.is_empty() {
        true => all(project, None),
        false => names.iter().map(|name| find(project, name)).collect(),
    }
}

/// The students of this part.
fn part(mut matched: Matched, order: &Order) -> Matched {
    let Some(partition) = order.partition else { return matched };
    let ids: Vec<String> =
        matched.students.iter().map(|(s, _)| s.id.clone()).collect();
    let members = partition.members(&ids);
    matched.students.retain(|(student, _)| members.contains(&student.id));
    matched
}

/// Of everything that the labs say of them: a rule that changes changes it.
fn digest(exercises: &[Found]) -> Result<String> {
    let mut all = Sha256::new();
    for found in exercises {
        all.update(serde_json::to_vec(&found.task).context("a task")?);
    }
    Ok(hexadecimal(all.finalize()))
}

/// Which programs judge: a lab that is built anew may judge otherwise, in the
/// same words.
fn programs(exercises: &[Found]) -> Result<String> {
    let mut all = Sha256::new();
    for found in exercises {
        let program = &found.lab.program;
        let file = std::fs::metadata(program)
            .with_context(|| format!("look at {}", program.display()))?;
        let built = file.modified().context("when it was built")?;
        all.update(format!("{} {built:?} ", file.len()));
    }
    Ok(hexadecimal(all.finalize()))
}

fn assigned(found: &Found) -> Assigned {
    let rules = found.task.rules.iter();
    Assigned {
        name: found.name(),
        title: found.task.title.clone(),
        kind: found.task.kind.name().into(),
        rules: rules
            .map(|rule| Worth { rule: rule.claim.clone(), points: rule.points })
            .collect(),
    }
}

fn strangers(matched: &Matched) -> Vec<Stranger> {
    let findings = matched.findings.iter();
    findings
        .map(|it| Stranger { folder: it.path.clone(), why: it.why.clone() })
        .collect()
}

impl Results {
    /// 0: all is graded, whatever the marks; 1: some is still open.
    pub(crate) fn exit_code(&self) -> u8 {
        u8::from(self.students.iter().any(Student::is_open))
    }
}

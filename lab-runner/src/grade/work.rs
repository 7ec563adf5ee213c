//! Students and exercises -> marks: intake first, then every answer, some at
//! once.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result};

use super::desk::Desk;
use super::intake::{Intake, intake};
use super::results::{Cause, LeftOut, Mark, Student};
use super::roster::{self, Folder, Matched};
use super::{Order, mark::unrun};
use crate::exercise::Found;
use crate::report;

/// A student, and why nothing of theirs can be graded, if so.
struct Taken<'a> {
    student: &'a roster::Student,
    refused: Option<String>,
    left_out: Vec<LeftOut>,
}

/// Everybody's marks, in the roster's order of ids.
pub(super) fn work(
    desk: &Desk,
    matched: &Matched,
    exercises: &[Found],
    order: &Order,
) -> Result<Vec<Student>> {
    let students = &matched.students;
    let taken = side_by_side(order.jobs, students.len(), "taking in", |n| {
        let (student, folder) = &students[n];
        take(desk, order, student, folder)
    })?;
    let total = students.len() * exercises.len();
    let marks = side_by_side(order.jobs, total, "grading", |n| {
        let (who, what) = (n / exercises.len(), n % exercises.len());
        one(desk, &taken[who], &exercises[what])
    })?;
    let mut marks = marks.into_iter();
    let student = |taken: Taken| Student {
        id: taken.student.id.clone(),
        name: taken.student.name.clone(),
        email: taken.student.email.clone(),
        marks: marks.by_ref().take(exercises.len()).collect(),
        left_out: taken.left_out,
    };
    Ok(taken.into_iter().map(student).collect())
}

fn take<'a>(
    desk: &Desk,
    order: &Order,
    student: &'a roster::Student,
    folder: &Folder,
) -> Result<Taken<'a>> {
    let stage = desk.shelf.taken(&student.id);
    let mut taken = Taken { student, refused: None, left_out: Vec::new() };
    match folder {
        Folder::Missing => std::fs::create_dir_all(&stage)?,
        Folder::Claimed(names) => {
            std::fs::create_dir_all(&stage)?;
            taken.refused = Some(format!(
                "several folders may be theirs: {}",
                names.join(", ")
            ));
        }
        Folder::There(name) => {
            let from = order.submissions.join(name);
            let took = intake(&from, &stage, &Intake::default())
                .with_context(|| format!("take in {}", from.display()))?;
            taken.refused = took.refused;
            taken.left_out = took
                .findings
                .into_iter()
                .map(|finding| LeftOut {
                    path: finding.path,
                    what: finding.what.name(),
                    why: finding.why,
                })
                .collect();
        }
    }
    Ok(taken)
}

fn one(desk: &Desk, taken: &Taken, found: &Found) -> Result<Mark> {
    match &taken.refused {
        Some(why) => Ok(unrun(found, Cause::NotAnAnswer, why)),
        None => {
            let mark = desk.mark(&taken.student.id, found)?;
            Ok(match left_out(desk, taken, found) {
                Some(why) if mark.cause == Cause::NotHandedIn => {
                    unrun(found, Cause::NotAnAnswer, &why)
                }
                _ => mark,
            })
        }
    }
}

/// What was handed in for an exercise and stayed outside.
fn left_out(desk: &Desk, taken: &Taken, found: &Found) -> Option<String> {
    let slug = found.slug();
    let mut all = taken.left_out.iter();
    let it = all.find(|it| desk.only || it.path.contains(&slug))?;
    Some(format!("{} was left out: {}", it.path, it.why))
}

/// Does `act` for every number below `total`, `jobs` at once; the first error
/// ends it.
fn side_by_side<T: Send>(
    jobs: usize,
    total: usize,
    doing: &str,
    act: impl Fn(usize) -> Result<T> + Sync,
) -> Result<Vec<T>> {
    let done: Mutex<Vec<(usize, T)>> = Mutex::default();
    let failed: Mutex<Option<anyhow::Error>> = Mutex::default();
    let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
    let worker = || {
        while !stop.load(Ordering::Relaxed) {
            let n = next.fetch_add(1, Ordering::Relaxed);
            if n >= total {
                return;
            }
            match act(n) {
                Ok(it) => {
                    let mut done = locked(&done);
                    done.push((n, it));
                    report::progress_bar(doing, done.len(), total);
                }
                Err(error) => {
                    stop.store(true, Ordering::Relaxed);
                    locked(&failed).get_or_insert(error);
                }
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..jobs.clamp(1, total.max(1)) {
            scope.spawn(worker);
        }
    });
    if let Some(error) = locked(&failed).take() {
        return Err(error);
    }
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(_, it)| it).collect())
}

fn locked<T>(it: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    it.lock().unwrap_or_else(PoisonError::into_inner)
}

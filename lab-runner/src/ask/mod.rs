//! A question to a lab's program -> its answer. One process answers all
//! questions of a run of lab-runner; others help where it is busy.

mod keeper;
mod resident;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use lab_kit::protocol::{Case, answered, question};

pub(crate) use keeper::dying_with_us;
use resident::Resident;

/// Most answers take less than a process takes to start.
const SOON: Duration = Duration::from_millis(10);

/// Those who answer for one lab.
#[derive(Debug)]
pub(crate) struct Residents {
    program: PathBuf,
    asked: AtomicU64,
    staff: Mutex<Staff>,
    freed: Condvar,
}

#[derive(Debug, Default)]
struct Staff {
    idle: Vec<Resident>,
    /// Idle or busy.
    count: usize,
}

impl Residents {
    /// Of this program, which is started when it is first asked.
    pub(crate) fn of(program: PathBuf) -> Residents {
        Residents {
            program,
            asked: AtomicU64::new(0),
            staff: Mutex::default(),
            freed: Condvar::new(),
        }
    }

    /// Asks for a description of the lab, or for findings, and reads the
    /// answer. Whoever can't answer is asked nothing again.
    pub(crate) fn ask<T>(
        &self,
        judged: Option<(&str, &Case)>,
        read: impl FnOnce(&[u8]) -> Result<T>,
    ) -> Result<T> {
        let n = self.asked.fetch_add(1, Ordering::Relaxed);
        let question = question(n, judged).context("write the question")?;
        let mut resident = self.engage()?;
        let said = resident.ask(&question).and_then(|line| {
            let answer = answered(n, &line);
            // What is none of ours, its reader can tell best.
            let said = read(answer.unwrap_or(&line))?;
            answer.map(|_| said).context("it answers another question")
        });
        let said = said.map_err(|why| with(resident.last_words(), why));
        self.release(said.is_ok().then_some(resident));
        said
    }

    fn staff(&self) -> MutexGuard<'_, Staff> {
        self.staff.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody who is idle, or new.
    fn engage(&self) -> Result<Resident> {
        let mut staff = self.staff();
        let (mut most, mut longest) = (1, SOON);
        while staff.count >= most && staff.idle.is_empty() {
            let freed = self.freed.wait_timeout(staff, longest);
            let waited;
            (staff, waited) = freed.unwrap_or_else(PoisonError::into_inner);
            if waited.timed_out() {
                (most, longest) = (cores(), Duration::MAX);
            }
        }
        while let Some(mut resident) = staff.idle.pop() {
            if resident.is_fit() {
                return Ok(resident);
            }
            staff.count -= 1;
        }
        staff.count += 1;
        drop(staff);
        Resident::start(&self.program).inspect_err(|_| self.release(None))
    }

    fn release(&self, resident: Option<Resident>) {
        let mut staff = self.staff();
        match resident {
            Some(resident) => staff.idle.push(resident),
            None => staff.count -= 1,
        }
        drop(staff);
        self.freed.notify_one();
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

fn with(words: String, why: anyhow::Error) -> anyhow::Error {
    match words.is_empty() {
        true => why,
        false => anyhow!("{why:#}: {words}"),
    }
}

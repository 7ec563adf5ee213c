//! What /proc says of an answer's threads: who sleeps, and who was woken.
//!
//! An answer has no part in it: it is looked at from outside, and only read.

mod family;

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::PermissionDenied;
use std::time::{Duration, Instant};

use anyhow::Result;

use self::family::answers;
use crate::net::{Net, rest};
use crate::patience::patient;

/// How often each thread of the answers has gone to sleep in its life:
/// voluntary context switches (proc(5)), by the thread's number.
pub type Sleeps = BTreeMap<u32, u64>;

/// Who went to sleep again between two looks, so must have been woken; threads
/// that came in between are not counted.
pub fn woken(before: &Sleeps, after: &Sleeps) -> Vec<u32> {
    let again = |&(thread, slept): &(&u32, &u64)| {
        before.get(thread).is_some_and(|earlier| earlier < slept)
    };
    after.iter().filter(again).map(|(thread, _)| *thread).collect()
}

impl Net {
    /// For a script: waits until nothing moves. Every thread of every answer
    /// sleeps in a system call, and every byte that was sent is acknowledged,
    /// so what hasn't come by then waits for somebody. Tells how often each
    /// thread has gone to sleep so far; `None`, if nobody could wait for that.
    pub fn still(&self) -> Result<Option<Sleeps>> {
        self.still_while(|| {})
    }

    /// The same, with something to do before each look.
    pub(crate) fn still_while(
        &self,
        mut act: impl FnMut(),
    ) -> Result<Option<Sleeps>> {
        let start = Instant::now();
        let longest = match self.restless.get() {
            true => Duration::ZERO,
            false => patient(REST),
        };
        let mut before = None;
        loop {
            act();
            // Two equal looks: nobody has run in between.
            let now = look()?;
            if now.is_some() && now == before && self.nothing_is_owed()? {
                return Ok(now.map(sleeps));
            }
            if start.elapsed() > longest {
                self.restless.set(true);
                return Ok(None);
            }
            before = now;
            rest(BETWEEN_LOOKS);
        }
    }

    fn nothing_is_owed(&self) -> Result<bool> {
        for host in self.script_hosts() {
            let mut sockets = self.sockets(&host)?.into_iter();
            if sockets.any(|s| s.state != "LISTEN" && s.send_q > 0) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// For answers to come to rest, on a busy machine. For one that never does
/// nobody waits a second time.
const REST: Duration = Duration::from_secs(6);

/// Rare enough not to take the CPU from those who are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// What one look at a thread says.
#[derive(Debug, PartialEq, Eq)]
struct Thread {
    number: u32,
    /// Of its pid namespace, below the one that /proc is of.
    depth: usize,
    /// How often it went to sleep, and how often it lost its CPU.
    switches: (u64, u64),
}

/// All threads of the answers and of the boxes around them, if all sleep.
fn look() -> Result<Option<Vec<Thread>>> {
    let mut all = Vec::new();
    for process in answers()? {
        let folder = format!("/proc/{}/task", process.number);
        let Ok(threads) = fs::read_dir(folder) else { continue };
        for thread in threads.flatten() {
            let path = thread.path().display().to_string();
            let number = thread.file_name().to_string_lossy().parse();
            let (number, depth) = (number.unwrap_or(0), process.depth);
            match switches(&path) {
                Some(None) => return Ok(None),
                Some(Some(switches)) => {
                    all.push(Thread { number, depth, switches });
                }
                None => {} // it has just ended
            }
        }
    }
    all.sort_by_key(|thread| thread.number);
    Ok(Some(all))
}

/// Of the answers' own threads: the rest of a box is further out.
fn sleeps(all: Vec<Thread>) -> Sleeps {
    let inmost = all.iter().map(|thread| thread.depth).max();
    let own = all.iter().filter(|thread| Some(thread.depth) == inmost);
    own.map(|thread| (thread.number, thread.switches.0)).collect()
}

/// A thread's counts, if it sleeps; nothing at all, if it has ended.
fn switches(path: &str) -> Option<Option<(u64, u64)>> {
    let status = fs::read_to_string(format!("{path}/status")).ok()?;
    let line = |key: &str| {
        status.lines().find_map(|l| l.strip_prefix(key)).map(str::trim)
    };
    match line("State:")?.chars().next()? {
        'Z' | 'X' => return None,
        'S' => {}
        _ => return Some(None),
    }
    // In state S it may still be on its way; here the kernel waits until it
    // has left the CPU, and says "running" if it didn't.
    match fs::read_to_string(format!("{path}/syscall")) {
        Ok(text) if text.starts_with("running") => return Some(None),
        Err(error) if error.kind() != PermissionDenied => return None,
        _ => {}
    }
    let count = |key| line(key)?.parse().ok();
    Some(Some((
        count("voluntary_ctxt_switches:")?,
        count("nonvoluntary_ctxt_switches:")?,
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn woken_is_who_slept_once_more() {
        let before = Sleeps::from([(1, 5), (2, 5), (3, 5)]);
        let after = Sleeps::from([(1, 5), (2, 6), (4, 9)]);
        assert_eq!(woken(&before, &after), [2]);
        assert_eq!(woken(&Sleeps::new(), &after), [] as [u32; 0]);
    }

    #[test]
    fn a_thread_that_runs_is_not_asleep_and_one_that_has_ended_is_none() {
        let here = fs::read_link("/proc/thread-self").unwrap();
        let here = format!("/proc/{}", here.display());
        assert_eq!(switches(&here), Some(None));
        assert_eq!(switches("/proc/0/task/0"), None);
    }

    #[test]
    fn a_blocked_child_is_seen_asleep() {
        let mut child =
            std::process::Command::new("sleep").arg("100").spawn().unwrap();
        let path = format!("/proc/{0}/task/{0}", child.id());
        while switches(&path).flatten().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(switches(&path), None);
    }
}

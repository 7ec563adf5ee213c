//! What /proc says of an answer's threads: who sleeps, and who was woken.
//!
//! An answer has no part in it: it is looked at from outside, and only read.

use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind::PermissionDenied;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

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
        let (start, longest) = (Instant::now(), patient(REST));
        let mut before = None;
        while start.elapsed() < longest {
            act();
            // Two equal looks: nobody has run in between.
            let now = look()?;
            if now.is_some() && now == before && self.nothing_is_owed()? {
                let all = now.into_iter().flatten();
                return Ok(Some(
                    all.map(|(t, (slept, _))| (t, slept)).collect(),
                ));
            }
            before = now;
            rest(BETWEEN_LOOKS);
        }
        Ok(None)
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

/// For answers to come to rest. One that never does has failed by then.
const REST: Duration = Duration::from_secs(2);

/// Rare enough not to take the CPU from those who are looked at.
const BETWEEN_LOOKS: Duration = Duration::from_millis(1);

/// Threads; how often each went to sleep, and how often it lost its CPU.
type Look = BTreeMap<u32, (u64, u64)>;

/// All threads of the answers, if all are asleep.
fn look() -> Result<Option<Look>> {
    let mut all = Look::new();
    for process in answers()? {
        let folder = format!("/proc/{process}/task");
        let Ok(threads) = fs::read_dir(folder) else { continue };
        for thread in threads.flatten() {
            let path = thread.path().display().to_string();
            match switches(&path) {
                Some(None) => return Ok(None),
                Some(Some(counts)) => {
                    let name = thread.file_name();
                    let number = name.to_string_lossy().parse();
                    all.insert(number.unwrap_or_default(), counts);
                }
                None => {} // it has just ended
            }
        }
    }
    Ok(Some(all))
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

/// The processes that our parent has, besides us, and theirs: the answers. A
/// box around an answer is not one of them: it is in an outer pid namespace.
fn answers() -> Result<Vec<u32>> {
    let us = Process::read("self").context("read /proc/self")?;
    let entries = fs::read_dir("/proc").context("read /proc")?;
    let names = entries.flatten().map(|entry| entry.file_name());
    let all: Vec<Process> = names
        .filter(|name| name.as_encoded_bytes()[0].is_ascii_digit())
        .filter_map(|name| Process::read(&name.to_string_lossy()))
        .collect();
    let mut family = vec![us.parent];
    while let Some(next) = all.iter().find(|p| {
        let kin = family.contains(&p.parent) && !family.contains(&p.number);
        kin && p.number != us.number
    }) {
        family.push(next.number);
    }
    family.remove(0);
    let ours = all.iter().filter(|p| family.contains(&p.number));
    let depth = ours.clone().map(|p| p.depth).max();
    let inner = ours.filter(|p| Some(p.depth) == depth);
    Ok(inner.map(|p| p.number).collect())
}

struct Process {
    number: u32,
    parent: u32,
    /// Of its pid namespace, below the one that /proc is of.
    depth: usize,
}

impl Process {
    fn read(name: &str) -> Option<Process> {
        let status = fs::read_to_string(format!("/proc/{name}/status")).ok()?;
        let line = |key| status.lines().find_map(|l| l.strip_prefix(key));
        let number = |key| line(key)?.trim().parse().ok();
        Some(Process {
            number: number("Pid:")?,
            parent: number("PPid:")?,
            depth: line("NSpid:")?.split_whitespace().count(),
        })
    }
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

//! Worker processes, as a server makes them: it opens its listener, then it
//! forks. Here the script is that server, and it must be able to say "stop":
//! a worker that reaches a gate waits there until the script lets it through.
//!
//! Nothing is awaited by time. [`Crew::look`] returns when every worker sleeps
//! in a system call, which the kernel itself says (`/proc/PID/syscall`).

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use lab_kit::{Net, libc};
use nix::sched::{CpuSet, sched_getaffinity, sched_getcpu, sched_setaffinity};
use nix::sys::prctl::set_pdeathsig;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::waitpid;
use nix::time::clock_getcpuclockid;
use nix::unistd::{ForkResult, Pid, fork, getpid, getppid};

/// The workers that the script has forked.
pub(crate) struct Crew {
    workers: Vec<Worker>,
}

struct Worker {
    pid: Pid,
    /// Its name in /proc, which may be that of an outer pid namespace.
    proc: String,
    desk: BufReader<UnixStream>,
    /// Not the desk: to read from a socket wakes who sleeps at its other end.
    gate: UnixStream,
    at_gate: bool,
    switches: u64,
}

/// What one worker did since the script last looked.
#[derive(Debug, Default, Clone)]
pub(crate) struct Look {
    /// How often it went to sleep: voluntary context switches. A worker that
    /// slept, was woken and sleeps again has one more; nobody else has.
    pub(crate) sleeps: u64,
    /// What it said.
    pub(crate) said: Vec<String>,
}

/// A worker's side.
pub(crate) struct Desk {
    /// Workers are numbered in the order in which they were forked.
    pub(crate) number: usize,
    script: UnixStream,
    gate: UnixStream,
}

// ANCHOR: desk
impl Desk {
    /// Tells the script something.
    pub(crate) fn say(&self, word: &str) -> Result<()> {
        Ok((&self.script).write_all(format!("{word}\n").as_bytes())?)
    }

    /// Says why it stops, and waits until the script lets it through.
    pub(crate) fn gate(&self, why: &str) -> Result<()> {
        self.say(&format!("{why}{AT_GATE}"))?;
        Ok((&self.gate).read_exact(&mut [0])?)
    }
}
// ANCHOR_END: desk

const AT_GATE: &str = ", at the gate";

impl Crew {
    pub(crate) fn new() -> Crew {
        Crew { workers: Vec::new() }
    }

    /// Forks a worker, and returns when it sleeps for the first time.
    pub(crate) fn hire(
        &mut self,
        net: &Net,
        work: impl FnOnce(&Desk) -> Result<()>,
    ) -> Result<()> {
        let (ours, script) = UnixStream::pair()?;
        let (gate, their_gate) = UnixStream::pair()?;
        let number = self.workers.len();
        let parent = getpid();
        // SAFETY: a lab's process has one thread, so the child may do all that
        // the parent may; it leaves by `_exit`.
        let pid = match unsafe { fork() }.context("fork a worker")? {
            ForkResult::Parent { child } => child,
            ForkResult::Child => {
                let desk = Desk { number, script, gate: their_gate };
                live(parent, desk, work)
            }
        };
        let mut desk = BufReader::new(ours);
        let mut proc = String::new();
        desk.read_line(&mut proc)?;
        desk.get_ref().set_nonblocking(true)?;
        let proc = proc.trim().to_string();
        let (at_gate, switches) = (false, 0);
        self.workers.push(Worker { pid, proc, desk, gate, at_gate, switches });
        self.look(net).map(drop)
    }

    pub(crate) fn len(&self) -> usize {
        self.workers.len()
    }

    /// Waits until every worker sleeps, and tells what each has done.
    pub(crate) fn look(&mut self, net: &Net) -> Result<Vec<Look>> {
        // Two equal looks at all of them: then nobody has run in between, so
        // nobody can have woken somebody behind our back.
        let mut before = Vec::new();
        net.until("every worker sleeps", || {
            let now = self.workers.iter().map(Worker::asleep);
            let now = now.collect::<Result<Vec<_>>>()?;
            let same = now.iter().all(Option::is_some) && now == before;
            before = now;
            Ok(same)
        })?;
        let slept = before.into_iter().flatten();
        self.workers.iter_mut().zip(slept).map(|(w, n)| w.look(n)).collect()
    }

    /// Lets the workers at a gate through in this order, each when all others
    /// sleep: who is the quickest is for the script to say.
    pub(crate) fn open(
        &mut self,
        net: &Net,
        order: &[usize],
    ) -> Result<Vec<Look>> {
        let mut all = vec![Look::default(); self.workers.len()];
        let waits = |n: &&usize| self.workers[**n].at_gate;
        let waiting: Vec<usize> = order.iter().filter(waits).copied().collect();
        for n in waiting {
            self.open_for(n)?;
            for (sum, look) in all.iter_mut().zip(self.look(net)?) {
                sum.sleeps += look.sleeps;
                sum.said.extend(look.said);
            }
        }
        Ok(all)
    }

    /// For how long a worker has had a CPU in its life.
    pub(crate) fn ran(&self, number: usize) -> Result<Duration> {
        let clock = clock_getcpuclockid(self.workers[number].pid)?;
        Ok(clock.now()?.into())
    }

    /// The number of the system call in which a worker sleeps, if it sleeps.
    pub(crate) fn call(&self, number: usize) -> Result<Option<i64>> {
        self.workers[number].call()
    }

    /// A worker crashes: SIGKILL. For [`look`](Crew::look) there is one less.
    pub(crate) fn kill(&mut self, number: usize) -> Result<()> {
        let worker = self.workers.remove(number);
        kill(worker.pid, Signal::SIGKILL)?;
        waitpid(worker.pid, None)?;
        Ok(())
    }

    /// Lets one worker through its gate.
    pub(crate) fn open_for(&mut self, number: usize) -> Result<()> {
        let worker = &mut self.workers[number];
        worker.at_gate = false;
        Ok(worker.gate.write_all(b".")?)
    }
}

/// The call that `epoll_wait()` makes. Younger machines have no other.
#[cfg(target_arch = "x86_64")]
pub(crate) const EPOLL_WAIT: i64 = libc::SYS_epoll_wait;
#[cfg(not(target_arch = "x86_64"))]
pub(crate) const EPOLL_WAIT: i64 = libc::SYS_epoll_pwait;

/// In how many of these looks a worker was woken.
pub(crate) fn woken(looks: &[Look]) -> usize {
    looks.iter().filter(|look| look.sleeps > 0).count()
}

/// How many workers said this.
pub(crate) fn said(looks: &[Look], word: &str) -> usize {
    looks.iter().flat_map(|look| &look.said).filter(|w| *w == word).count()
}

impl Worker {
    /// If it sleeps in a system call: how often it went to sleep, and was sent
    /// from the CPU, in its life.
    fn asleep(&self) -> Result<Option<(u64, u64)>> {
        let status = self.read("status")?;
        let line = |key: &str| {
            let line = status.lines().find_map(|l| l.strip_prefix(key));
            line.map(str::trim).with_context(|| format!("no {key} in status"))
        };
        if line("State:")?.starts_with('Z') {
            bail!("worker {} has ended", self.proc);
        }
        if self.call()?.is_none() {
            return Ok(None); // state S would be seen a moment before it sleeps
        }
        let voluntary = line("voluntary_ctxt_switches:")?.parse()?;
        let forced = line("nonvoluntary_ctxt_switches:")?.parse()?;
        Ok(Some((voluntary, forced)))
    }

    fn read(&self, file: &str) -> Result<String> {
        let path = format!("/proc/{}/{file}", self.proc);
        fs::read_to_string(&path).with_context(|| format!("read {path}"))
    }

    /// The kernel says "running", or the number of the call in which it is
    /// blocked, and its arguments.
    fn call(&self) -> Result<Option<i64>> {
        let text = self.read("syscall")?;
        Ok(text.split(' ').next().and_then(|number| number.parse().ok()))
    }

    fn look(&mut self, (switches, _): (u64, u64)) -> Result<Look> {
        let sleeps = switches - std::mem::replace(&mut self.switches, switches);
        let mut said = Vec::new();
        let mut line = String::new();
        while self.desk.read_line(&mut line).is_ok_and(|n| n > 0) {
            let word = line.trim();
            self.at_gate |= word.ends_with(AT_GATE);
            said.push(word.trim_end_matches(AT_GATE).to_string());
            line.clear();
        }
        Ok(Look { sleeps, said })
    }
}

/// Lets others finish: a batch process that is woken doesn't push anybody from
/// the CPU (sched(7)).
pub(crate) fn be_polite() -> Result<()> {
    let priority = libc::sched_param { sched_priority: 0 };
    // SAFETY: a plain system call about this process.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_BATCH, &priority) } {
        0 => Ok(()),
        _ => Err(std::io::Error::last_os_error()).context("SCHED_BATCH"),
    }
}

/// The CPU that workers use, and those that they don't.
pub(crate) struct Cpus {
    work: CpuSet,
    elsewhere: CpuSet,
}

impl Cpus {
    /// The present CPU, and the others that this process may use. If it may
    /// use only one, that is both.
    pub(crate) fn split() -> Result<Cpus> {
        let (mut work, mut elsewhere) = (CpuSet::new(), CpuSet::new());
        let allowed = sched_getaffinity(Pid::this())?;
        let here = sched_getcpu()?;
        work.set(here)?;
        for cpu in (0..CpuSet::count()).filter(|&cpu| cpu != here) {
            if allowed.is_set(cpu)? {
                elsewhere.set(cpu)?;
            }
        }
        if elsewhere == CpuSet::new() {
            elsewhere = work;
        }
        Ok(Cpus { work, elsewhere })
    }

    pub(crate) fn work(&self) -> Result<()> {
        Ok(sched_setaffinity(Pid::this(), &self.work)?)
    }

    /// On the workers' CPU we are quicker than they if nobody else wants it,
    /// elsewhere if somebody does: each in turn.
    pub(crate) fn be_quick(&self, attempt: usize) -> Result<()> {
        match attempt % 2 {
            0 => self.work(),
            _ => Ok(sched_setaffinity(Pid::this(), &self.elsewhere)?),
        }
    }
}

/// The child: dies with the script, and never returns into it.
fn live(script: Pid, desk: Desk, work: impl FnOnce(&Desk) -> Result<()>) -> ! {
    let work = || -> Result<()> {
        set_pdeathsig(Signal::SIGKILL)?;
        if getppid() != script {
            bail!("the script has gone");
        }
        desk.say(&fs::read_link("/proc/self")?.to_string_lossy())?;
        work(&desk)
    };
    let work = std::panic::AssertUnwindSafe(work);
    if let Ok(Err(error)) = std::panic::catch_unwind(work) {
        eprintln!("worker {}: {error:#}", desk.number);
    }
    // SAFETY: ends this process; the script's destructors are not ours to run.
    unsafe { libc::_exit(1) }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for worker in &self.workers {
            let _ = kill(worker.pid, Signal::SIGKILL);
            let _ = waitpid(worker.pid, None);
        }
    }
}

//! One run, from a job to its notes: the events of all players, wires and
//! captures in one thread, in the order in which they come.

mod clock;
mod notes;
mod requests;
mod setup;

use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use lab_kit::{MarkSeen, Observation, QuietSeen, Step, patient};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid, waitpid};
use nix::unistd::Pid;

use self::clock::Clock;
pub(super) use self::clock::now;
use self::notes::LastWords;
use super::ahead::Ahead;
use super::answer::Answer;
use super::capture::{Camera, FLOOD};
use super::drain::Fences;
use super::job::{Job, Notes, taps_of};
use super::player::{Ended, Player};
use super::poller::readable;
use super::stall::Stall;
use super::teller::{Teller, Told};
use super::wire::Wire;
use crate::kernel::{Counted, SocketDiag};
use crate::topology::Network;

/// Everything that is alive during a run.
pub(super) struct Director {
    job: Job,
    network: Network,
    diags: Vec<SocketDiag>,
    before: Vec<Counted>,
    pub(super) cameras: Vec<Camera>,
    pub(super) wires: Vec<Wire>,
    pub(super) fences: Fences,
    players: Vec<Player>,
    /// What was started of the answer to an exercise.
    answers: Vec<Answer>,
    /// Players that wait for a mark, or for the wire to hold a frame.
    waiting: Vec<(usize, Awaited)>,
    children: SignalFd,
    deadline: Instant,
    stall: Stall,
    start: i64,
    marks: Vec<MarkSeen>,
    observations: Vec<Observation>,
    steps: Vec<Step>,
    quiets: Vec<QuietSeen>,
    /// An answer sent more than any task takes.
    flooded: bool,
    /// An answer did not end in time.
    over_time: bool,
    /// How long the program that waited most waited for a CPU, all in all.
    waited_ns: u64,
    /// What the kernels said when the run ended with its script.
    last_words: Option<LastWords>,
    teller: Teller,
}

/// For what kernels still owe when an exercise's time is up.
const SETTLING: Duration = Duration::from_secs(5);

pub(super) enum Awaited {
    Mark(String),
    Held(String),
    Answer(usize),
}

/// Makes the run.
pub(super) fn direct(
    job: &Job,
    company: &OwnedFd,
    frames: &[File],
    mut teller: Teller,
    ahead: Option<Ahead>,
) -> Result<Notes> {
    let began = Instant::now();
    let mut phases = Phases { since: began, list: Vec::new() };
    teller.phase("capturing");
    let mut director = Director::set_up(job, company, frames, teller, ahead)?;
    phases.end("network, capture");
    director.tell_begun();
    let clock = Clock::start();
    director.begin()?;
    let played = director.play();
    phases.end("hosts");
    let stall = director.stall.worst();
    played?;
    director.teller.phase("settling");
    director.settle()?;
    phases.end("settling");
    director.finish_capture()?;
    director.teller.end();
    phases.end("draining");
    let mut notes = director.notes(stall)?;
    if clock.was_stepped() {
        let why = "the clock was stepped during the run".to_string();
        notes.inconclusive.get_or_insert(why);
    }
    phases.end("evidence");
    notes.phases = phases.list;
    // Closing packet sockets waits for RCU grace periods, tens of ms each:
    // pid 1 answers first, and the kernel closes them when it ends.
    std::mem::forget(director);
    Ok(notes)
}

struct Phases {
    since: Instant,
    list: Vec<(String, f64)>,
}

impl Phases {
    fn end(&mut self, name: &str) {
        let spent = self.since.elapsed().as_secs_f64() * 1e3;
        self.list.push((name.into(), spent));
        self.since = Instant::now();
    }
}

/// How long a process that has just ended was ready to run and did not: the
/// second number of its schedstat (Documentation/scheduler/sched-stats.rst).
fn waited(pid: Pid) -> u64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/schedstat"));
    let text = text.unwrap_or_default();
    let second = text.split_whitespace().nth(1);
    second.and_then(|ns| ns.parse().ok()).unwrap_or(0)
}

/// Death of a child is read from a descriptor, so it can be polled.
fn watch_children() -> Result<SignalFd> {
    let mut set = SigSet::empty();
    set.add(Signal::SIGCHLD);
    set.thread_block()?;
    let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
    Ok(SignalFd::with_flags(&set, flags)?)
}

impl Director {
    fn tell_begun(&mut self) {
        let (hosts, ends) = (self.host_names(), self.ends());
        let (start, taps) = (self.start, taps_of(&self.job.plan));
        self.teller.tell(|| Told::Begun { start, hosts, ends, taps });
        self.teller.phase("running");
    }

    /// Until every program has ended, or the script is done.
    fn play(&mut self) -> Result<()> {
        while !self.is_closed()
            && self.players.iter().any(|p| p.ended.is_none())
        {
            self.turn(Duration::from_millis(500))?;
            self.check_flood()?;
            self.check_deadline()?;
        }
        self.stop_answers()
    }

    /// An answer that nobody waited for ends with the run.
    fn stop_answers(&mut self) -> Result<()> {
        self.answers.iter_mut().for_each(Answer::stop_with_the_run);
        while !self.answers.iter().all(Answer::is_over) {
            self.turn(Duration::from_millis(500))?;
        }
        Ok(())
    }

    /// Waits for something to happen, and sees to it.
    pub(super) fn turn(&mut self, longest: Duration) -> Result<()> {
        let mut fds: Vec<RawFd> = vec![self.children.as_raw_fd()];
        fds.extend(self.cameras.iter().map(Camera::fd));
        fds.extend(self.wires.iter().flat_map(Wire::fds));
        fds.extend(self.players.iter().flat_map(Player::fds));
        fds.extend(self.answers.iter().filter_map(Answer::fd));
        let due = self.wires.iter().filter_map(Wire::next_due).min();
        let left = self.deadline().saturating_duration_since(Instant::now());
        let wait = due.unwrap_or(longest).min(longest).min(left);
        let wait = self.teller.longest().map_or(wait, |it| wait.min(it));
        let ready = readable(&fds, wait)?;
        let begun = Instant::now();
        let worked = self.work(&ready);
        self.stall.was_held_up(begun.elapsed());
        worked
    }

    fn work(&mut self, ready: &[RawFd]) -> Result<()> {
        for wire in &mut self.wires {
            wire.work()?;
        }
        for camera in &mut self.cameras {
            camera.read()?;
        }
        self.teller.show(&mut self.cameras);
        self.answers.iter_mut().for_each(Answer::hear);
        for player in 0..self.players.len() {
            for request in self.players[player].listen()? {
                self.answer(player, request)?;
            }
        }
        if ready.contains(&self.children.as_raw_fd()) {
            self.bury()?;
        }
        self.answer_waiting()
    }

    /// Reads how children ended; orphans of the namespace end here too.
    fn bury(&mut self) -> Result<()> {
        while let Ok(Some(_)) = self.children.read_signal() {}
        loop {
            let any = WaitPidFlag::WNOHANG | WaitPidFlag::WEXITED;
            let peek = any | WaitPidFlag::WNOWAIT;
            match waitid(Id::All, peek) {
                Ok(WaitStatus::StillAlive) | Err(_) => return Ok(()),
                Ok(status) => {
                    let Some(pid) = status.pid() else { return Ok(()) };
                    let ended = match status {
                        WaitStatus::Signaled(_, signal, _) => {
                            Ended::Signal(signal)
                        }
                        WaitStatus::Exited(_, code) => Ended::Code(code),
                        _ => return Ok(()),
                    };
                    self.waited_ns = self.waited_ns.max(waited(pid));
                    self.ended(pid, ended)?;
                    let _ = waitpid(pid, Some(WaitPidFlag::WNOHANG));
                }
            }
        }
    }

    fn ended(&mut self, pid: Pid, ended: Ended) -> Result<()> {
        if let Some(answer) = self.answers.iter_mut().find(|a| a.pid == pid) {
            return answer.ended(ended);
        }
        let Some(n) = self.players.iter().position(|p| p.pid == pid) else {
            return Ok(());
        };
        for request in self.players[n].listen()? {
            self.answer(n, request)?;
        }
        let player = &mut self.players[n];
        player.ended = Some(ended);
        let (role, words) = (player.role.clone(), player.words());
        let words = match words.is_empty() {
            true => "it printed nothing".into(),
            false => format!("it said:\n{words}"),
        };
        match ended {
            _ if player.stopped => Ok(()),
            Ended::Code(0) if player.done => Ok(()),
            Ended::Code(0) => {
                bail!("the program of {role} ended before it was done; {words}")
            }
            Ended::Code(101) => {
                bail!("the program of {role} panicked; {words}")
            }
            Ended::Code(code) => {
                bail!("the program of {role} failed (exit {code}); {words}")
            }
            Ended::Signal(signal) => {
                bail!("the program of {role} died of {signal}; {words}")
            }
        }
    }

    /// No task takes so many frames: whoever sends them wants to drown the
    /// capture, or does not know what it is doing.
    fn check_flood(&mut self) -> Result<()> {
        let passed = self.cameras.iter().map(Camera::count).max().unwrap_or(0);
        if self.answers.is_empty() || self.flooded || passed < FLOOD {
            return Ok(());
        }
        self.flooded = true;
        self.answers.iter_mut().for_each(Answer::stop);
        self.time_is_up()
    }

    /// A peer that an answer keeps waiting is no fault of the lab: the run
    /// ends here, and the rules decide. Time for the kernels to settle is left.
    fn time_is_up(&mut self) -> Result<()> {
        self.deadline = Instant::now() + patient(SETTLING);
        for player in self.players.iter().filter(|p| p.ended.is_none()) {
            player.stop();
        }
        for player in &mut self.players {
            player.done = true;
            player.stopped = true;
        }
        Ok(())
    }

    /// Time in which the machine stood still is nobody's.
    fn deadline(&self) -> Instant {
        self.deadline + self.stall.stood_still()
    }

    fn check_deadline(&mut self) -> Result<()> {
        for player in &self.players {
            if player.has_hung_up() {
                bail!(
                    "the program of {} closed its mark channel and went on: \
                     nobody can order its events any more",
                    player.role
                );
            }
        }
        if Instant::now() < self.deadline() {
            return Ok(());
        }
        if !self.answers.is_empty() {
            self.over_time = true;
            return self.time_is_up();
        }
        let mut stuck = Vec::new();
        for (n, player) in self.players.iter_mut().enumerate() {
            if player.ended.is_some() {
                continue;
            }
            let mut waits = self.waiting.iter().filter(|(who, _)| *who == n);
            let doing = match waits.next() {
                Some((_, Awaited::Mark(mark))) => {
                    format!("waits for the mark {mark:?}")
                }
                Some((_, Awaited::Held(from))) => {
                    format!("waits for a frame from {from} at the wire")
                }
                Some((_, Awaited::Answer(_))) => {
                    "waits for the answer to end".into()
                }
                None => "is somewhere in its own code".into(),
            };
            let words = player.words();
            stuck.push(format!("{} {doing} {words}", player.role));
        }
        let marks: Vec<_> =
            self.marks.iter().map(|m| m.name.as_str()).collect();
        bail!(
            "still running after {} ms, so it was stopped: {}; marks so far: \
             {}. A longer run needs Experiment::within",
            patient(Duration::from_millis(self.job.plan.within_ms)).as_millis(),
            stuck.join("; ").trim(),
            if marks.is_empty() { "none".into() } else { marks.join(", ") },
        )
    }
}

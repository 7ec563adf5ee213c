//! Requests -> stages, by fork: one process that has what every run needs (its
//! own user, mount, pid and network namespaces) and starts a stage per run.
//!
//! The runner forks it before it has threads or memory, so that a stage costs
//! a fork of something small instead of an exec. One stage is made ahead and
//! waits for its request; more are made when requests wait.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stdin, dup2_stdout, fork, pipe2};

use super::ahead::Ahead;
use super::request;
use super::sandbox;
use super::spawn::{perform, refuse};

/// The runner's end of the socket, and the pipe whose closing tells the
/// nursery that the runner has gone.
struct Ours {
    requests: OwnedFd,
    _held: OwnedFd,
}

static OURS: OnceLock<Ours> = OnceLock::new();

/// Where the runner asks for stages.
pub(super) fn requests() -> Result<BorrowedFd<'static>> {
    let ours = OURS.get();
    Ok(ours.context("no nursery was opened: a bug of ours")?.requests.as_fd())
}

/// Forks the nursery. Call it while this process has one thread.
pub(crate) fn open() -> Result<()> {
    let (kind, flags) = (SockType::SeqPacket, SockFlag::SOCK_CLOEXEC);
    let (requests, theirs) =
        socketpair(AddressFamily::Unix, kind, None, flags)?;
    let (lifeline, held) = pipe2(OFlag::O_CLOEXEC)?;
    // SAFETY: this process has one thread; nothing is locked in the child.
    match unsafe { fork() }.context("fork the nursery")? {
        ForkResult::Parent { .. } => {
            let _ = OURS.set(Ours { requests, _held: held });
            Ok(())
        }
        ForkResult::Child => {
            drop((requests, held));
            let code = match nursery(lifeline, theirs) {
                Ok(code) => code,
                Err(error) => {
                    eprintln!("error: the nursery of stages: {error:#}");
                    2
                }
            };
            sandbox::leave(code)
        }
    }
}

/// In the child: enters the sandbox, and serves; what could not enter it says
/// so to everybody who asks.
fn nursery(lifeline: OwnedFd, requests: OwnedFd) -> Result<u8> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nothing)?;
    dup2_stdout(&nothing)?;
    let theirs = requests.try_clone()?;
    let entered =
        sandbox::enter(lifeline, move || Nursery::new(theirs)?.serve());
    let Err(error) = entered else { return entered };
    while let Some(request) = request::receive(requests.as_fd())? {
        refuse(&request, &error)?;
    }
    Ok(0)
}

struct Nursery {
    requests: OwnedFd,
    /// The pid namespace that it is in: each stage is forked into another.
    here: File,
    /// Stages live as long as the other end is open.
    lifeline: OwnedFd,
    held: Option<OwnedFd>,
    /// What stages say of themselves.
    news: OwnedFd,
    tell: OwnedFd,
    children: SignalFd,
    /// The stages that have not answered yet, by number.
    stages: BTreeMap<u32, (Pid, Doing)>,
    number: u32,
    /// How many have died in a row before they took a request.
    stillborn: u32,
    /// The next request is expected to want the usual network.
    usual: bool,
}

/// A stage says that it has taken a request, and that it has answered one whose
/// network is the usual one, or another.
const TAKEN: u8 = b't';
const USUAL: u8 = b'u';
const OTHER: u8 = b'o';

/// What a stage that has not answered yet does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Waits,
    Runs,
}

/// One of these, and the stage's number.
const WORD: usize = 5;
const MOST_STILLBORN: u32 = 3;

impl Nursery {
    fn new(requests: OwnedFd) -> Result<Nursery> {
        let (lifeline, held) = pipe2(OFlag::O_CLOEXEC)?;
        let (news, tell) = pipe2(OFlag::O_CLOEXEC | OFlag::O_NONBLOCK)?;
        let mut death = SigSet::empty();
        death.add(Signal::SIGCHLD);
        death.thread_block()?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Nursery {
            requests,
            here: File::open("/proc/self/ns/pid")?,
            lifeline,
            held: Some(held),
            news,
            tell,
            children: SignalFd::with_flags(&death, flags)?,
            stages: BTreeMap::new(),
            number: 0,
            stillborn: 0,
            usual: true,
        })
    }

    fn serve(mut self) -> Result<u8> {
        self.fork_stage(true)?;
        loop {
            let heard = self.hear()?;
            if heard.gone {
                return Ok(0);
            }
            // Before a death: what it said in its life counts.
            if heard.news || heard.children {
                self.read_news()?;
            }
            if heard.children {
                self.bury()?;
            }
            if heard.request && self.count(Doing::Waits) == 0 {
                self.fork_stage(false)?;
            }
            while self.count(Doing::Waits) < self.wanted() {
                self.fork_stage(true)?;
            }
        }
    }

    /// How many stages are made ahead: one while nothing runs, since the runner
    /// judges then and may ask again; else none, since what runs should not be
    /// disturbed, and of many that run some are always being made.
    fn wanted(&self) -> usize {
        match self.count(Doing::Runs) {
            _ if self.stillborn > 0 => 0,
            0 => 1,
            _ => 0,
        }
    }

    fn count(&self, what: Doing) -> usize {
        self.stages.values().filter(|(_, doing)| *doing == what).count()
    }

    /// Waits for something to happen. While a stage waits for a request, it is
    /// the one to take it.
    fn hear(&self) -> Result<Heard> {
        let asked = match self.count(Doing::Waits) {
            0 => PollFlags::POLLIN,
            _ => PollFlags::empty(),
        };
        let mut fds = [
            PollFd::new(self.requests.as_fd(), asked),
            PollFd::new(self.news.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.children.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("wait for requests"),
        }
        let [requests, news, children] =
            fds.map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
        Ok(Heard {
            gone: requests.intersects(PollFlags::POLLHUP),
            request: requests.intersects(PollFlags::POLLIN),
            news: !news.is_empty(),
            children: !children.is_empty(),
        })
    }

    fn read_news(&mut self) -> Result<()> {
        let mut news = [0; WORD * 16];
        let length = match nix::unistd::read(&self.news, &mut news) {
            Err(Errno::EAGAIN) => return Ok(()),
            length => length?,
        };
        for word in news[..length].chunks_exact(WORD) {
            let (what, number) = (word[0], &word[1..]);
            let number = u32::from_ne_bytes(number.try_into()?);
            match what {
                TAKEN => {
                    self.stillborn = 0;
                    if let Some((_, doing)) = self.stages.get_mut(&number) {
                        *doing = Doing::Runs;
                    }
                }
                // What is asked next is mostly of the kind of the last.
                answered => {
                    self.usual = answered == USUAL;
                    self.stages.remove(&number);
                }
            }
        }
        Ok(())
    }

    fn fork_stage(&mut self, ahead: bool) -> Result<()> {
        let here = self.here.try_clone()?;
        self.number += 1;
        let act = || self.stage(ahead);
        let pid = sandbox::fork_into_its_own(&here, act)?;
        self.stages.insert(self.number, (pid, Doing::Waits));
        Ok(())
    }

    /// In the new process: takes one request, makes the run, and answers.
    fn stage(&mut self, ahead: bool) -> Result<u8> {
        self.held = None;
        sandbox::tie(self.lifeline.as_fd())?;
        let prepared = ahead.then(sandbox::isolate_stage);
        // What fails here fails again where a run can say so.
        let network = match &prepared {
            Some(Ok(())) if self.usual => Ahead::make().ok(),
            _ => None,
        };
        let request = request::receive(self.requests.as_fd())?;
        let Some(request) = request else { return Ok(0) };
        self.say(TAKEN);
        let usual = Ahead::serves(&request.job);
        let network = match network {
            // To close it takes tens of ms; it ends with this process.
            Some(unfit) if !usual => {
                std::mem::forget(unfit);
                None
            }
            other => other,
        };
        match prepared.unwrap_or_else(sandbox::isolate_stage) {
            Ok(()) => perform(request, network)?,
            Err(error) => refuse(&request, &error)?,
        }
        self.say(if usual { USUAL } else { OTHER });
        Ok(0)
    }

    /// Whole, or lost if nobody has read 64 KB of them.
    fn say(&self, what: u8) {
        let [a, b, c, d] = self.number.to_ne_bytes();
        let _ = nix::unistd::write(&self.tell, &[what, a, b, c, d]);
    }

    /// A stage that was killed is told of; one that failed has said why.
    fn bury(&mut self) -> Result<()> {
        while let Ok(Some(_)) = self.children.read_signal() {}
        while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            if let WaitStatus::Signaled(_, signal, _) = status {
                eprintln!("a stage died of {signal}");
            }
            let Some(pid) = status.pid() else { return Ok(()) };
            let waited = (pid, Doing::Waits);
            if self.stages.values().any(|stage| *stage == waited) {
                self.stillborn += 1;
            }
            self.stages.retain(|_, (of, _)| *of != pid);
        }
        ensure!(
            self.stillborn < MOST_STILLBORN,
            "{MOST_STILLBORN} stages in a row died before they took a job"
        );
        Ok(())
    }
}

struct Heard {
    gone: bool,
    request: bool,
    news: bool,
    children: bool,
}

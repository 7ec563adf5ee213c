//! Requests -> stages, by fork: one process that has what every run needs (its
//! own user, mount, pid and network namespaces) and starts a stage per run.
//!
//! The runner forks it before it has threads or memory, so that a stage costs
//! a fork of something small instead of an exec. One stage is made ahead and
//! waits for its request; more are made when requests wait.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};
use lab_kit::protocol::parcel;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::{ForkResult, Pid, dup2_stdin, dup2_stdout, fork, pipe2};

use super::ahead::Ahead;
use super::news::{self, What};
use super::request;
use super::sandbox;
use super::spawn::{mourn, perform, refuse};

/// The runner's ends of the sockets, and the pipe whose closing tells the
/// nursery that the runner has gone.
struct Ours {
    requests: OwnedFd,
    hires: OwnedFd,
    _held: OwnedFd,
}

static OURS: OnceLock<Ours> = OnceLock::new();

fn ours() -> Result<&'static Ours> {
    OURS.get().context("no nursery was opened: a bug of ours")
}

/// Where the runner asks for stages.
pub(super) fn requests() -> Result<BorrowedFd<'static>> {
    Ok(ours()?.requests.as_fd())
}

/// Has a program started as a company that hears these calls.
pub(super) fn hire(program: &Path, calls: OwnedFd) -> Result<()> {
    let name = program.as_os_str().as_bytes();
    parcel::send(ours()?.hires.as_fd(), name, &[calls.as_raw_fd()])
        .context(request::GONE)
}

/// Forks the nursery. Call it while this process has one thread.
pub(crate) fn open() -> Result<()> {
    let (requests, theirs) = parcel::pair()?;
    let (hires, theirs_too) = parcel::pair()?;
    let (lifeline, held) = pipe2(OFlag::O_CLOEXEC)?;
    // SAFETY: this process has one thread; nothing is locked in the child.
    match unsafe { fork() }.context("fork the nursery")? {
        ForkResult::Parent { .. } => {
            let _ = OURS.set(Ours { requests, hires, _held: held });
            Ok(())
        }
        ForkResult::Child => {
            drop((requests, hires, held));
            let code = match nursery(lifeline, theirs, theirs_too) {
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
/// so to everybody who asks for a stage, and lets everybody hire.
fn nursery(lifeline: OwnedFd, requests: OwnedFd, hires: OwnedFd) -> Result<u8> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    dup2_stdin(&nothing)?;
    dup2_stdout(&nothing)?;
    let [theirs, heard] = [requests.try_clone()?, hires.try_clone()?];
    let entered =
        sandbox::enter(lifeline, move || Nursery::new(theirs, heard)?.serve());
    let Err(error) = entered else { return entered };
    while let Some(request) = request::receive(requests.as_fd())? {
        refuse(&request, &error)?;
    }
    Ok(0)
}

struct Nursery {
    requests: OwnedFd,
    hires: OwnedFd,
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
    stages: BTreeMap<u32, Child>,
    number: u32,
    /// How many have died in a row before they took a request.
    stillborn: u32,
    /// No other request is expected.
    last: bool,
    /// The next request is expected to want the usual network.
    usual: bool,
}

struct Child {
    pid: Pid,
    doing: Doing,
}

/// What a stage that has not answered yet does.
enum Doing {
    /// Gets ready for a request, which may have come.
    Prepares,
    Waits,
    /// Makes a run; where it is to answer, should it die.
    Runs(File),
}

impl Child {
    fn prepares(&self) -> bool {
        matches!(self.doing, Doing::Prepares)
    }

    fn waits(&self) -> bool {
        matches!(self.doing, Doing::Waits | Doing::Prepares)
    }
}

const MOST_STILLBORN: u32 = 3;

impl Nursery {
    fn new(requests: OwnedFd, hires: OwnedFd) -> Result<Nursery> {
        let (lifeline, held) = pipe2(OFlag::O_CLOEXEC)?;
        let (news, tell) = news::channel()?;
        let mut death = SigSet::empty();
        death.add(Signal::SIGCHLD);
        death.thread_block()?;
        let flags = SfdFlags::SFD_NONBLOCK | SfdFlags::SFD_CLOEXEC;
        Ok(Nursery {
            requests,
            hires,
            here: File::open("/proc/self/ns/pid")?,
            lifeline,
            held: Some(held),
            news,
            tell,
            children: SignalFd::with_flags(&death, flags)?,
            stages: BTreeMap::new(),
            number: 0,
            stillborn: 0,
            last: false,
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
            if heard.hire {
                self.hire()?;
            }
            if heard.request && self.waiting() == 0 {
                self.fork_stage(false)?;
            }
            while self.waiting() < self.wanted() {
                self.fork_stage(true)?;
            }
        }
    }

    /// How many stages are made ahead: one while nothing runs, since the runner
    /// judges then and may ask again; else none, since what runs should not be
    /// disturbed, and of many that run some are always being made.
    fn wanted(&self) -> usize {
        let idle = self.stages.values().all(Child::waits);
        usize::from(idle && self.stillborn == 0 && !self.last)
    }

    fn waiting(&self) -> usize {
        self.stages.values().filter(|stage| stage.waits()).count()
    }

    /// Waits for something to happen. While a stage waits for a request, it is
    /// the one to take it.
    fn hear(&self) -> Result<Heard> {
        let asked = match self.waiting() {
            0 => PollFlags::POLLIN,
            _ => PollFlags::empty(),
        };
        // A company is wanted later than what is being prepared.
        let hired = match self.stages.values().any(Child::prepares) {
            true => PollFlags::empty(),
            false => PollFlags::POLLIN,
        };
        let mut fds = [
            PollFd::new(self.requests.as_fd(), asked),
            PollFd::new(self.hires.as_fd(), hired),
            PollFd::new(self.news.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.children.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("wait for requests"),
        }
        let [requests, hires, news, children] =
            fds.map(|fd| fd.revents().unwrap_or(PollFlags::empty()));
        Ok(Heard {
            gone: requests.intersects(PollFlags::POLLHUP),
            request: requests.intersects(PollFlags::POLLIN),
            hire: hires.intersects(PollFlags::POLLIN),
            news: !news.is_empty(),
            children: !children.is_empty(),
        })
    }

    fn read_news(&mut self) -> Result<()> {
        while let Some(news) = news::hear(self.news.as_fd())? {
            match news.what {
                What::Ready => {
                    if let Some(stage) = self.stages.get_mut(&news.number) {
                        stage.doing = Doing::Waits;
                    }
                }
                What::Taken { answer, last } => {
                    self.stillborn = 0;
                    self.last |= last;
                    if let Some(stage) = self.stages.get_mut(&news.number) {
                        stage.doing = Doing::Runs(answer);
                    }
                }
                // What is asked next is mostly of the kind of the last.
                What::Answered { usual } => {
                    self.usual = usual;
                    self.stages.remove(&news.number);
                }
            }
        }
        Ok(())
    }

    /// Who calls a company that could not be started finds nobody there.
    fn hire(&self) -> Result<()> {
        let mut name = [0; 4096];
        let parcel = parcel::receive(self.hires.as_fd(), &mut name)?;
        let Some((length, mut fds)) = parcel else { return Ok(()) };
        let calls = fds.pop().context("where a company hears calls")?;
        let program = OsStr::from_bytes(&name[..length]);
        let mut company = Command::new(program);
        company.arg("company").stdin(calls).stdout(Stdio::null());
        if let Err(error) = company.spawn() {
            eprintln!("error: start {}: {error}", program.display());
        }
        Ok(())
    }

    fn fork_stage(&mut self, ahead: bool) -> Result<()> {
        let here = self.here.try_clone()?;
        self.number += 1;
        let act = || self.stage(ahead);
        let pid = sandbox::fork_into_its_own(&here, act)?;
        let doing = if ahead { Doing::Prepares } else { Doing::Waits };
        let child = Child { pid, doing };
        self.stages.insert(self.number, child);
        Ok(())
    }

    /// In the new process: takes one request, makes the run, and answers.
    fn stage(&mut self, ahead: bool) -> Result<u8> {
        self.held = None;
        self.stages.clear();
        sandbox::tie(self.lifeline.as_fd())?;
        // First what takes longest. What fails here fails again where a run
        // can say so.
        let network = match ahead && self.usual {
            true => Ahead::make().ok(),
            false => None,
        };
        news::ready(self.tell.as_fd(), self.number);
        let prepared = ahead.then(sandbox::isolate_stage);
        let request = request::receive(self.requests.as_fd())?;
        let Some(request) = request else { return Ok(0) };
        news::taken(self.tell.as_fd(), self.number, &request);
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
        news::answered(self.tell.as_fd(), self.number, usual);
        Ok(0)
    }

    /// A stage that died before it answered: whoever asked hears of what.
    fn bury(&mut self) -> Result<()> {
        while let Ok(Some(_)) = self.children.read_signal() {}
        while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            let Some(pid) = status.pid() else { return Ok(()) };
            match self.take(pid) {
                // It answered first.
                None => {}
                // Or nobody is left to hear.
                Some(Doing::Runs(answer)) => drop(mourn(&answer, status)),
                Some(Doing::Prepares | Doing::Waits) => self.stillborn += 1,
            }
            ensure!(
                self.stillborn < MOST_STILLBORN,
                "{MOST_STILLBORN} stages in a row died before they took a \
                 job; the last: {status:?}"
            );
        }
        Ok(())
    }

    fn take(&mut self, pid: Pid) -> Option<Doing> {
        let mut all = self.stages.iter();
        let (&number, _) = all.find(|(_, stage)| stage.pid == pid)?;
        self.stages.remove(&number).map(|stage| stage.doing)
    }
}

struct Heard {
    gone: bool,
    request: bool,
    hire: bool,
    news: bool,
    children: bool,
}

//! Requests -> stages, by fork: one process that has what every run needs (its
//! own user, mount, pid and network namespaces) and starts a stage per run.
//!
//! The runner forks it before it has threads or memory, so that a stage costs
//! a fork of something small instead of an exec. One stage is made ahead and
//! waits for its request; more are made when requests wait.

use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::OnceLock;

use anyhow::{Context, Result};
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{SigSet, Signal};
use nix::sys::signalfd::{SfdFlags, SignalFd};
use nix::sys::socket::{AddressFamily, SockFlag, SockType, socketpair};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, dup2_stdin, dup2_stdout, fork, pipe2};

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
    /// A stage waits for a request.
    spare: bool,
    /// The next request is expected to want the usual network.
    usual: bool,
}

/// A stage says that it has taken a request, and that it has answered one whose
/// network is the usual one, or another.
const TAKEN: u8 = b't';
const USUAL: u8 = b'u';
const OTHER: u8 = b'o';

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
            spare: false,
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
            if heard.children {
                self.bury();
            }
            if heard.news {
                self.read_news()?;
            }
            if heard.request && !self.spare {
                self.fork_stage(false)?;
            }
        }
    }

    /// Waits for something to happen. While a stage waits for a request, it is
    /// the one to take it.
    fn hear(&self) -> Result<Heard> {
        let asked = match self.spare {
            true => PollFlags::empty(),
            false => PollFlags::POLLIN,
        };
        let mut fds = [
            PollFd::new(self.requests.as_fd(), asked),
            PollFd::new(self.news.as_fd(), PollFlags::POLLIN),
            PollFd::new(self.children.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut fds, PollTimeout::NONE) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
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
        let mut words = [0; 64];
        let length = nix::unistd::read(&self.news, &mut words)?;
        let words = &words[..length];
        if words.contains(&TAKEN) {
            self.spare = false;
        }
        // The runner judges now: time to prepare for what it may ask next,
        // which is mostly of the kind of what it asked before.
        let answered = |word| words.contains(&word);
        if !self.spare && (answered(USUAL) || answered(OTHER)) {
            self.usual = answered(USUAL);
            self.fork_stage(true)?;
        }
        Ok(())
    }

    fn fork_stage(&mut self, ahead: bool) -> Result<()> {
        let here = self.here.try_clone()?;
        sandbox::fork_into_its_own(&here, || self.stage(ahead))?;
        self.spare = true;
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

    /// Lost if nobody has read 64 KB of them.
    fn say(&self, word: u8) {
        let _ = nix::unistd::write(&self.tell, &[word]);
    }

    /// A stage that was killed is told of; one that failed has said why.
    fn bury(&self) {
        while let Ok(Some(_)) = self.children.read_signal() {}
        let any = Some(WaitPidFlag::WNOHANG);
        while let Ok(status) = waitpid(None, any) {
            match status {
                WaitStatus::StillAlive => return,
                WaitStatus::Signaled(_, signal, _) => {
                    eprintln!("a stage died of {signal}");
                }
                _ => {}
            }
        }
    }
}

struct Heard {
    gone: bool,
    request: bool,
    news: bool,
    children: bool,
}

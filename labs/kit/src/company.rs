//! Calls of stages -> players, each a fork of this process: to copy a small
//! process takes the kernel a fraction of the time that it takes to start one.

use std::ffi::CString;
use std::fs::File;
use std::io::{Write, stderr, stdin, stdout};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::{Context, Result, ensure};
use nix::sched::{CloneFlags, setns};
use nix::sys::prctl::set_name;
use nix::sys::signal::{SigHandler, Signal, signal};
use nix::unistd::{
    ForkResult, chroot, dup2_stderr, dup2_stdin, dup2_stdout, fchdir, fork,
};

use crate::lab::Lab;
use crate::play::play;
use crate::protocol::company::{CALL, Cast, LONGEST, PLACES, Part};
use crate::protocol::parcel;

/// Until nobody is left who could call.
pub(crate) fn company(lab: &Lab) -> Result<()> {
    let calls = stdin().as_fd().try_clone_to_owned()?;
    dup2_stdin(File::open("/dev/null")?)?;
    let here = File::open("/proc/self/ns/pid")?;
    // Nobody waits for ushers, and a stage can't end before they have gone.
    on_death(SigHandler::SigIgn)?;
    while let Some(call) = Call::receive(&calls)? {
        // Only children are born into another pid namespace.
        let there = setns(&call.pid, CloneFlags::CLONE_NEWPID);
        // SAFETY: this process has one thread; nothing is locked in the child.
        match there.and_then(|()| unsafe { fork() }) {
            Ok(ForkResult::Child) => {
                drop((calls, here));
                leave(code(usher(lab, call)))
            }
            Ok(ForkResult::Parent { .. }) => {}
            // A stage that was killed; others call, too.
            Err(errno) => eprintln!("no player for a stage: {errno}"),
        }
        setns(&here, CloneFlags::CLONE_NEWPID).context("own pids")?;
    }
    Ok(())
}

/// What the death of a child does.
fn on_death(handler: SigHandler) -> Result<()> {
    // SAFETY: no function of ours is called.
    unsafe { signal(Signal::SIGCHLD, handler) }.context("SIGCHLD")?;
    Ok(())
}

/// A run that wants players.
struct Call {
    pid: OwnedFd,
    /// The other namespaces of its stage.
    places: Vec<OwnedFd>,
    root: OwnedFd,
    folder: OwnedFd,
    parts: OwnedFd,
}

impl Call {
    fn receive(calls: &OwnedFd) -> Result<Option<Call>> {
        let mut word = [0];
        let parcel = parcel::receive(calls.as_fd(), &mut word);
        let Some((_, fds)) = parcel.context("hear a call")? else {
            return Ok(None);
        };
        let known = word == [CALL] && fds.len() == PLACES.len() + 3;
        ensure!(known, "no call of ours: is lab-runner newer than me?");
        let mut fds = fds.into_iter();
        let mut next = || fds.next().context("a descriptor of the call");
        let pid = next()?;
        let places = PLACES[1..].iter().map(|_| next());
        Ok(Some(Call {
            pid,
            places: places.collect::<Result<_>>()?,
            root: next()?,
            folder: next()?,
            parts: next()?,
        }))
    }

    fn enter(self) -> Result<Usher> {
        for place in &self.places {
            setns(place, CloneFlags::empty()).context("enter a stage")?;
        }
        // A mount namespace is entered at its root, which need not be ours.
        fchdir(&self.root).and_then(|()| chroot(".")).context("its root")?;
        fchdir(&self.folder).context("its working directory")?;
        Ok(Usher(self.parts))
    }
}

/// In the stage's pid namespace: starts a player for each part.
fn usher(lab: &Lab, call: Call) -> Result<()> {
    on_death(SigHandler::SigDfl)?;
    let usher = call.enter()?;
    while let Some((part, fds)) = usher.part()? {
        // SAFETY: this process has one thread; nothing is locked in the child.
        match unsafe { fork() }.context("fork a player")? {
            ForkResult::Child => {
                drop(usher);
                let act = AssertUnwindSafe(|| begin(lab, &part, fds));
                // A Rust program that panics exits with 101.
                leave(catch_unwind(act).map_or(101, code))
            }
            ForkResult::Parent { child } => {
                usher.tell(Cast { pid: child.as_raw() })?;
            }
        }
    }
    Ok(())
}

/// Where parts are given.
struct Usher(OwnedFd);

impl Usher {
    fn part(&self) -> Result<Option<(Part, Vec<OwnedFd>)>> {
        let mut text = [0; LONGEST];
        let parcel = parcel::receive(self.0.as_fd(), &mut text);
        let Some((length, fds)) = parcel.context("hear a part")? else {
            return Ok(None);
        };
        let part = serde_json::from_slice(&text[..length]).context("a part")?;
        Ok(Some((part, fds)))
    }

    fn tell(&self, cast: Cast) -> Result<()> {
        let text = serde_json::to_vec(&cast)?;
        parcel::send(self.0.as_fd(), &text, &[]).context("answer a stage")
    }
}

/// In a player's process: takes what came with its part, and plays.
fn begin(lab: &Lab, part: &Part, fds: Vec<OwnedFd>) -> Result<()> {
    let mut fds = fds.into_iter();
    let mut next = || fds.next().context("a descriptor of the part");
    let channel = UnixStream::from(next()?);
    let output = next()?;
    dup2_stdout(&output).and_then(|()| dup2_stderr(&output))?;
    drop(output);
    if part.at_home {
        setns(next()?, CloneFlags::CLONE_NEWNET).context("enter a host")?;
    }
    // What `ss -p` and `ps` show.
    set_name(&CString::new(part.role.as_str())?)?;
    play(lab, part, channel, fds.collect())
}

fn code(played: Result<()>) -> i32 {
    match played {
        Ok(()) => 0,
        Err(error) => {
            let _ = writeln!(stderr(), "{error:#}");
            2
        }
    }
}

/// Ends this process, and nothing of what it was forked from.
fn leave(code: i32) -> ! {
    let _ = stdout().flush();
    // SAFETY: it takes an int and does not return.
    unsafe { libc::_exit(code) }
}

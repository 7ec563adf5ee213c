//! A fresh process -> pid 1 of its own user, mount and pid namespaces, and
//! such a process -> stages, each pid 1 of a pid namespace below.
//!
//! Nothing is named or mounted outside, so cleaning up is the death of pid 1.
//! Each level dies with the one above: PR_SET_PDEATHSIG, and a lifeline pipe
//! that is looked at after the prctl, for a parent that died before it.

use std::fs::{self, File};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use anyhow::{Context, Result, bail};
use nix::mount::{MsFlags, mount};
use nix::poll::{PollFd, PollFlags, PollTimeout};
use nix::sched::{CloneFlags, setns, unshare};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitStatus, waitpid};
use nix::unistd::{
    ForkResult, Pid, dup2_stderr, dup2_stdout, fork, getegid, geteuid, pipe,
};

/// Enters the sandbox and runs `act` as its pid 1; the helper process above
/// waits for it and returns its exit code.
pub(crate) fn enter(
    lifeline: OwnedFd,
    act: impl FnOnce() -> Result<u8>,
) -> Result<u8> {
    isolate()?;
    tie(lifeline.as_fd())?;
    let (own, _held) = pipe()?;
    // SAFETY: this process has one thread; nothing is locked in the child.
    match unsafe { fork() }.context("fork pid 1")? {
        ForkResult::Child => {
            drop((_held, lifeline));
            tie(own.as_fd())?;
            mounts()?;
            act()
        }
        ForkResult::Parent { child } => {
            // With what it holds: who reads a pipe of pid 1 hears its end.
            drop(act);
            hush();
            match waitpid(child, None)? {
                WaitStatus::Exited(_, code) => Ok(code as u8),
                other => bail!("pid 1 of the sandbox: {other:?}"),
            }
        }
    }
}

/// Forks a process that is pid 1 of a new pid namespace, and comes back to
/// `here`, the pid namespace that this process is in.
pub(super) fn fork_into_its_own(
    here: &File,
    act: impl FnOnce() -> Result<u8>,
) -> Result<Pid> {
    unshare(CloneFlags::CLONE_NEWPID).context("make a pid namespace")?;
    // SAFETY: this process has one thread; nothing is locked in the child.
    match unsafe { fork() }.context("fork a stage")? {
        ForkResult::Child => leave(act().unwrap_or_else(|error| {
            eprintln!("error: a stage: {error:#}");
            2
        })),
        ForkResult::Parent { child } => {
            setns(here, CloneFlags::CLONE_NEWPID)
                .context("come back to the nursery's pid namespace")?;
            Ok(child)
        }
    }
}

/// Whether a stage can be made here, inside of what [`enter`] makes.
pub(crate) fn try_stage() -> Result<()> {
    let here = File::open("/proc/self/ns/pid")?;
    let stage = || isolate_stage().map(|()| 0);
    match waitpid(fork_into_its_own(&here, stage)?, None)? {
        WaitStatus::Exited(_, 0) => Ok(()),
        other => bail!("a stage inside the sandbox: {other:?}"),
    }
}

/// What a stage does not share with others, beside its pids.
pub(super) fn isolate_stage() -> Result<()> {
    let flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    unshare(flags).context("make a stage's namespaces")?;
    fresh_proc()
}

/// Ends this process and nothing else of what it was forked from.
pub(super) fn leave(code: u8) -> ! {
    // SAFETY: it takes an int and does not return.
    unsafe { libc::_exit(code.into()) }
}

/// Lets go of what the caller reads: it ends with the runner's last word, not
/// tens of ms later, when the kernel has taken the stage apart.
pub(super) fn hush() {
    let Ok(nothing) = File::options().write(true).open("/dev/null") else {
        return;
    };
    let _ = dup2_stdout(&nothing);
    let _ = dup2_stderr(&nothing);
}

/// Dies with the parent. Set after any change of uid: that would clear it.
pub(crate) fn tie(lifeline: BorrowedFd) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let mut fds = [PollFd::new(lifeline, PollFlags::POLLIN)];
    if nix::poll::poll(&mut fds, PollTimeout::ZERO)? != 0 {
        bail!("the runner has gone");
    }
    Ok(())
}

fn isolate() -> Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWNET;
    if uid.is_root() {
        return unshare(flags).context("make namespaces as root");
    }
    flags |= CloneFlags::CLONE_NEWUSER;
    unshare(flags).context(
        "make a user namespace: is it allowed here? `lab-runner doctor` says",
    )?;
    let map = || -> std::io::Result<()> {
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
    };
    map().context(
        "become root of the new user namespace (Ubuntu's AppArmor refuses \
         just this): `lab-runner doctor` names the remedy",
    )
}

/// A private mount tree with a /proc of its own.
fn mounts() -> Result<()> {
    let none = None::<&str>;
    let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
    mount(none, "/", none, private, none).context(
        "make the mount tree private (Ubuntu's AppArmor refuses this to \
         unprivileged user namespaces): `lab-runner doctor` names the remedy",
    )?;
    fresh_proc()
}

/// A /proc of the new pid namespace, or the outer one where that is masked (in
/// a container): it shows our namespaces too.
fn fresh_proc() -> Result<()> {
    let none = None::<&str>;
    let quiet = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    let fresh = mount(Some("proc"), "/proc", Some("proc"), quiet, none);
    if let Err(errno) = fresh
        && !fs::exists("/proc/self/ns/net").unwrap_or(false)
    {
        bail!("no /proc, and none can be mounted: {errno}");
    }
    Ok(())
}

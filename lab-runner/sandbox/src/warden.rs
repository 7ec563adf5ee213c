//! A job -> an answer. The process between the caller and the box: it has one
//! thread and its caller's rights, and the program can't see or name it.

use std::io::{Seek, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use nix::fcntl::{OFlag, open};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::prctl;
use nix::sys::signal::Signal;
use nix::sys::stat::Mode;
use nix::unistd::pipe2;

use crate::cgroup::Group;
use crate::collect::Wanted;
use crate::inside::Inside;
use crate::outcome::Outcome;
use crate::report::{Layers, Voice};
use crate::spec::{Cgroup, Layer};
use crate::start::{Answer, Ends, Job, receive};
use crate::watch::{Pipes, Watch};
use crate::{enter, network};

/// What a program does under [`crate::ARGUMENT`], first thing in its main.
pub fn warden() -> ExitCode {
    let started = Instant::now();
    let (job, ends) = match receive() {
        Ok(received) => received,
        Err(error) => {
            eprintln!("{error:#}");
            return ExitCode::from(2);
        }
    };
    let Ends { lifeline, mut answer, netns, shares, copies } = ends;
    let done = Wanted::new(&job, copies).and_then(|wanted| {
        let given = wanted.given()?;
        let outcome = keep(job, lifeline, netns, shares, given, started)?;
        Ok((outcome, wanted.copy()))
    });
    let done: Answer = done.map_err(|error| format!("{error:#}"));
    let told = serde_json::to_vec(&done).map(|mut line| {
        line.push(b'\n');
        answer.write_all(&line)
    });
    match told {
        Ok(Ok(())) => ExitCode::SUCCESS,
        _ => ExitCode::from(2),
    }
}

/// Dies with the parent. Set after any change of uid: that would clear it.
pub(crate) fn tie(lifeline: impl AsFd) -> Result<()> {
    prctl::set_pdeathsig(Signal::SIGKILL)?;
    let mut fds = [PollFd::new(lifeline.as_fd(), PollFlags::POLLIN)];
    if poll(&mut fds, PollTimeout::ZERO)? != 0 {
        bail!("whoever wanted the box has gone");
    }
    Ok(())
}

fn keep(
    job: Job,
    lifeline: OwnedFd,
    netns: Option<OwnedFd>,
    shares: Vec<Option<OwnedFd>>,
    hand: OwnedFd,
    started: Instant,
) -> Result<Outcome> {
    tie(&lifeline)?;
    let mut layers = Layers::new(job.without.clone());
    let group = group(&job, &mut layers)?;
    layers.apply(Layer::Network, || network::join(netns))?;
    let limits = job.limits.clone();
    let identity = enter::Identity::find(layers.wants(Layer::User))?;
    let cloexec = OFlag::O_CLOEXEC;
    let (out, to_out) = pipe2(cloexec)?;
    let (err, to_err) = pipe2(cloexec)?;
    let (words, voice) = pipe2(cloexec)?;
    let (held, go) = pipe2(cloexec)?;
    let inside = Inside {
        stdin: standard_input(&job.stdin)?,
        stdout: to_out,
        stderr: to_err,
        voice: Voice::new(voice),
        go: held,
        doors: group.as_ref().map_or(Ok(Vec::new()), Group::doors)?,
        hand,
        weak: group.is_none(),
        shares,
        layers,
        identity,
        job,
    };
    let (pid, go) = enter::start_pid_one(inside, go, group.as_ref())?;
    let pipes = Pipes { out, err, words, lifeline, go };
    let watch = Watch::new(pid, pipes, identity, group, limits)?;
    watch.follow(started)
}

/// A cgroup, or the reason why there is none.
fn group(job: &Job, layers: &mut Layers) -> Result<Option<Group>> {
    let unwanted = job.cgroup == Cgroup::None || !layers.wants(Layer::Cgroup);
    if unwanted {
        layers.off(Layer::Cgroup, "switched off by the caller");
        return Ok(None);
    }
    match Group::make(&job.limits, job.core) {
        Ok(group) => {
            layers.on(Layer::Cgroup, group.note());
            Ok(Some(group))
        }
        Err(reason) if job.cgroup == Cgroup::Required => bail!(
            "a cgroup is required, and there is none: {reason}. As root it \
             is there; as a user, start this with `systemd-run --user --scope \
             -p Delegate=yes`, or allow the weak mode"
        ),
        Err(reason) => {
            layers.off(Layer::Cgroup, reason);
            Ok(None)
        }
    }
}

/// Sealed, and open for reading only: it is the program's from now on.
fn standard_input(bytes: &[u8]) -> Result<OwnedFd> {
    let flags = OFlag::O_RDONLY | OFlag::O_CLOEXEC;
    if bytes.is_empty() {
        return open("/dev/null", flags, Mode::empty()).context("/dev/null");
    }
    let flag = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let mut file = std::fs::File::from(memfd_create("stdin", flag)?);
    file.write_all(bytes).context("keep standard input")?;
    file.rewind()?;
    let seals = nix::fcntl::SealFlag::all();
    nix::fcntl::fcntl(&file, nix::fcntl::FcntlArg::F_ADD_SEALS(seals))?;
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    open(path.as_str(), flags, Mode::empty()).context("open standard input")
}

//! BoxSpec -> Outcome, from outside: starts the warden and listens.

use std::ffi::OsString;
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, anyhow, bail};
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::pipe2;
use serde::{Deserialize, Serialize};

use crate::collect::{self, JobCollect};
use crate::outcome::{Collected, Outcome};
use crate::spec::{BoxSpec, Cgroup, Layer, Limits, Source};

/// The argument under which a program that starts boxes is executed again.
pub const ARGUMENT: &str = "__box";

/// Set for a warden: one that starts a box would start them for ever.
const WARDEN: &str = "LAB_BOX_WARDEN";

/// A [`BoxSpec`] on its way to the warden: descriptors by their numbers.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    pub(crate) env: Vec<(OsString, OsString)>,
    pub(crate) stdin: Vec<u8>,
    pub(crate) shares: Vec<JobShare>,
    pub(crate) collect: Vec<JobCollect>,
    pub(crate) folder: OsString,
    pub(crate) netns: Option<RawFd>,
    pub(crate) limits: Limits,
    pub(crate) core: Option<u32>,
    pub(crate) cgroup: Cgroup,
    pub(crate) without: Vec<Layer>,
    lifeline: RawFd,
    answer: RawFd,
}

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct JobShare {
    pub(crate) path: OsString,
    fd: Option<RawFd>,
    pub(crate) inside: OsString,
    pub(crate) writable: bool,
    /// Bytes of a new file system, in place of all the above but `inside`.
    pub(crate) scratch: Option<u64>,
}

/// What the warden owns of a job.
pub(crate) struct Ends {
    pub(crate) lifeline: OwnedFd,
    pub(crate) answer: File,
    pub(crate) netns: Option<OwnedFd>,
    /// One for each share, where the caller had it open.
    pub(crate) shares: Vec<Option<OwnedFd>>,
    /// One for each file that is to be collected, to be filled.
    pub(crate) copies: Vec<File>,
}

/// The outcome, and what became of each file that was to be collected.
pub(crate) type Told = (Outcome, Vec<collect::Copied>);
pub(crate) type Answer = std::result::Result<Told, String>;

/// A box at work. Dropped, it is stopped, and nothing is left of it.
#[derive(Debug)]
pub struct Running {
    child: Child,
    /// In memory, not a pipe: a long answer must not wait for a reader, who
    /// may be waiting for the warden's end.
    answer: File,
    lifeline: Option<OwnedFd>,
    copies: Vec<File>,
}

/// Runs a program in a box to its end.
pub fn run(spec: BoxSpec) -> Result<Outcome> {
    start(spec)?.wait()
}

/// Starts a box. It dies with the thread that calls this, so that thread has
/// to wait for it.
pub fn start(spec: BoxSpec) -> Result<Running> {
    if std::env::var_os(WARDEN).is_some() {
        bail!(
            "a box's warden was asked to start a box: this program's main has \
             to call lab_box::warden() for the argument {ARGUMENT}"
        );
    }
    let (lifeline, held) = pipe2(OFlag::O_CLOEXEC)?;
    let answer: File = memfd_create("answer", MFdFlags::MFD_CLOEXEC)?.into();
    let mut lent = vec![lifeline, answer.try_clone()?.into()];
    let ends = [lent[0].as_raw_fd(), lent[1].as_raw_fd()];
    let copies = collect::empty(spec.collect.len())?;
    for copy in &copies {
        lent.push(copy.try_clone()?.into());
    }
    let job = job(spec, ends, &mut lent)?;
    let mut child = spawn(&lent)?;
    drop(lent);
    let mut stdin = child.stdin.take().context("the warden's input")?;
    let mut running = Running { child, answer, lifeline: Some(held), copies };
    let given = stdin.write_all(&serde_json::to_vec(&job)?);
    if let Err(error) = given {
        drop(running.lifeline.take());
        return Err(error).context("give the warden its job");
    }
    Ok(running)
}

impl Running {
    /// The box's warden: a child of the caller's, which is gone when the box
    /// is. Somebody who reads how children end by other means than
    /// [`Running::wait`] asks for the [`Running::outcome`] then.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program's end.
    pub fn wait(mut self) -> Result<Outcome> {
        self.outcome()
    }

    /// Ends the program now, and doesn't wait.
    pub fn end(&mut self) {
        drop(self.lifeline.take());
    }

    /// How the program ended, once: waits for it.
    pub fn outcome(&mut self) -> Result<Outcome> {
        let status = self.child.wait();
        let mut line = Vec::new();
        self.answer.rewind()?;
        self.answer.read_to_end(&mut line).context("hear the warden")?;
        if !line.ends_with(b"\n") {
            let status = status.map_or("?".into(), |it| it.to_string());
            bail!(
                "the box's warden ended without an answer ({status}); its \
                 words, if any, are above. Does this program's main call \
                 lab_box::warden() for the argument {ARGUMENT}?"
            );
        }
        let answer: Answer =
            serde_json::from_slice(&line).context("read its answer")?;
        let told = answer.map_err(|words| anyhow!("{words}"))?;
        let (mut outcome, copied) = told;
        let copies = std::mem::take(&mut self.copies).into_iter();
        let all = copies.zip(copied).map(|(copy, done)| match done {
            Ok(()) => collect::sealed(copy),
            Err(why) => Ok(Collected::Nothing(why)),
        });
        outcome.collected = all.collect::<Result<_>>()?;
        Ok(outcome)
    }

    /// Ends the program now.
    pub fn stop(mut self) -> Result<Outcome> {
        self.end();
        self.wait()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.end();
        let _ = self.child.wait();
    }
}

fn job(
    spec: BoxSpec,
    [lifeline, answer]: [RawFd; 2],
    lent: &mut Vec<OwnedFd>,
) -> Result<Job> {
    // The copies are what was lent after the two ends.
    let copies = lent.iter().skip(2).map(AsRawFd::as_raw_fd);
    let collect = spec.collect.into_iter().zip(copies);
    let collect = collect.map(|(wanted, copy)| JobCollect {
        inside: wanted.inside,
        limit: wanted.limit,
        copy,
    });
    let collect = collect.collect();
    let mut lend = |fd: OwnedFd| {
        let number = fd.as_raw_fd();
        lent.push(fd);
        number
    };
    let mut shares = Vec::new();
    for share in spec.files {
        let mut job = JobShare {
            path: OsString::new(),
            fd: None,
            inside: share.inside.into(),
            writable: share.writable,
            scratch: None,
        };
        match share.source {
            Source::Path(path) => job.path = path.into(),
            Source::Open(fd) => job.fd = Some(lend(fd)),
            Source::Scratch { bytes } => job.scratch = Some(bytes),
        }
        shares.push(job);
    }
    Ok(Job {
        program: spec.program.into(),
        args: spec.args,
        env: spec.env,
        stdin: spec.stdin,
        shares,
        collect,
        folder: spec.folder.into(),
        netns: spec.netns.map(lend),
        limits: spec.limits,
        core: spec.core,
        cgroup: spec.cgroup,
        without: spec.without,
        lifeline,
        answer,
    })
}

/// Through /proc/self/exe and not its name: that file may have been replaced.
fn spawn(lent: &[OwnedFd]) -> Result<Child> {
    let mut command = Command::new("/proc/self/exe");
    command
        .arg(ARGUMENT)
        .env(WARDEN, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let lent: Vec<RawFd> = lent.iter().map(AsRawFd::as_raw_fd).collect();
    // SAFETY: between fork and exec only fcntl is called, which is
    // async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            for &fd in &lent {
                if libc::fcntl(fd, libc::F_SETFD, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    command.spawn().context(
        "start the box's warden, which is this program again, through \
         /proc/self/exe: is /proc there?",
    )
}

/// The warden's side: its job, from standard input.
pub(crate) fn receive() -> Result<(Job, Ends)> {
    let mut text = Vec::new();
    std::io::stdin().read_to_end(&mut text).context("hear the job")?;
    let job: Job = serde_json::from_slice(&text).with_context(|| {
        format!("read the job: {ARGUMENT} is for lab_box::start alone")
    })?;
    let netns = job.netns.map(own).transpose()?;
    let shares: Result<_> =
        job.shares.iter().map(|share| share.fd.map(own).transpose()).collect();
    let copies: Result<_> =
        job.collect.iter().map(|one| Ok(own(one.copy)?.into())).collect();
    let ends = Ends {
        copies: copies?,
        lifeline: own(job.lifeline)?,
        answer: own(job.answer)?.into(),
        netns,
        shares: shares?,
    };
    Ok((job, ends))
}

fn own(fd: RawFd) -> Result<OwnedFd> {
    // SAFETY: the caller opened it for us; nothing has used it yet.
    let fd = unsafe { OwnedFd::from_raw_fd(fd) };
    fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))
        .context("a descriptor that the job names")?;
    Ok(fd)
}

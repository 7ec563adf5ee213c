//! Job -> Outcome and frames, from outside: starts `__stage` and listens.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};
use lab_trace::Tap;
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::unistd::pipe;

use super::director::direct;
use super::job::{Job, Outcome, taps_of};
use super::sandbox;
use super::teller::Teller;

/// The argument under which the runner re-executes itself.
pub(crate) const ARGUMENT: &str = "__stage";
const FDS: &str = "LAB_STAGE_FDS";
/// Where the director tells what it hears, if anybody listens.
const TELLS: &str = "LAB_STAGE_TELLS";

/// A finished run: what it noted, and a pcap in memory for each tap.
pub(crate) struct Stage {
    pub(crate) outcome: Outcome,
    pub(crate) frames: Vec<File>,
    pub(crate) child: Reaped,
}

/// A stage that has answered and is being taken apart by the kernel, which
/// takes tens of ms of RCU grace periods. Nobody waits for that: the verdict is
/// there. It is reaped when a later stage starts, or by init.
pub(crate) struct Reaped(Option<Child>);

static DYING: Mutex<Vec<Child>> = Mutex::new(Vec::new());

impl Drop for Reaped {
    fn drop(&mut self) {
        let mut dying = DYING.lock().unwrap_or_else(PoisonError::into_inner);
        dying.extend(self.0.take());
        dying.retain_mut(|child| matches!(child.try_wait(), Ok(None)));
    }
}

/// Watches a run: reads what its director tells, until that ends, and the
/// captures as they grow.
pub(crate) type Watch<'a> = &'a (dyn Fn(File, &[File]) + Sync);

/// Runs one job in a stage of its own.
pub(crate) fn run_stage(job: &Job, watch: Option<Watch>) -> Result<Stage> {
    let frames = memories(job)?;
    let told = watch.map(|_| cloexec(pipe()?)).transpose()?;
    let (told, telling) = told.unzip();
    let outcome = std::thread::scope(|scope| {
        if let Some((watch, told)) = watch.zip(told) {
            scope.spawn(|| watch(File::from(told), &frames));
        }
        play(job, &frames, telling)
    });
    let (outcome, child) = outcome?;
    Ok(Stage { outcome, frames, child })
}

/// A pcap in memory for each tap.
fn memories(job: &Job) -> Result<Vec<File>> {
    let memory = |tap: &Tap| {
        let name = format!("frames-{}", tap.host);
        let fd = memfd_create(name.as_str(), MFdFlags::MFD_CLOEXEC)?;
        Ok(File::from(fd))
    };
    taps_of(&job.plan).iter().map(memory).collect()
}

fn play(
    job: &Job,
    frames: &[File],
    telling: Option<OwnedFd>,
) -> Result<(Outcome, Reaped)> {
    let (lifeline, held) = cloexec(pipe()?)?;
    let (answer, out) = cloexec(pipe()?)?;
    let mut fds = vec![lifeline.as_raw_fd(), out.as_raw_fd()];
    fds.extend(frames.iter().map(AsRawFd::as_raw_fd));
    let mut child = start(&fds, telling.as_ref().map(AsRawFd::as_raw_fd))?;
    drop((lifeline, out, telling));
    let mut stdin = child.stdin.take().context("the stage's input")?;
    stdin
        .write_all(&serde_json::to_vec(job)?)
        .context("give the stage a job")?;
    drop(stdin);

    // Not to its end: closing a packet socket keeps the stage alive for tens
    // of ms after it has said all.
    let mut text = Vec::new();
    let mut answer = BufReader::new(File::from(answer));
    answer.read_until(b'\n', &mut text).context("hear the stage")?;
    if !text.ends_with(b"\n") {
        let status = child.wait()?;
        return died(status);
    }
    let outcome = serde_json::from_slice(&text).context("read its answer")?;
    drop(held);
    Ok((outcome, Reaped(Some(child))))
}

fn died<T>(status: ExitStatus) -> Result<T> {
    bail!(
        "the stage ended without an answer ({status}); its words, if any, \
         are above. `lab-runner doctor` checks what a stage needs"
    )
}

fn start(fds: &[RawFd], telling: Option<RawFd>) -> Result<Child> {
    let list: Vec<_> = fds.iter().map(ToString::to_string).collect();
    let tells = telling.map(|fd| (TELLS, fd.to_string()));
    let own = std::env::current_exe()
        .context("find this program through /proc/self/exe: is /proc there?")?;
    let mut command = Command::new(own);
    command.arg(ARGUMENT).env(FDS, list.join(",")).stdin(Stdio::piped());
    command.env_remove(TELLS).envs(tells);
    let fds: Vec<_> = fds.iter().copied().chain(telling).collect();
    // SAFETY: between fork and exec only fcntl is called, which is
    // async-signal-safe.
    unsafe {
        command.pre_exec(move || {
            for &fd in &fds {
                if libc::fcntl(fd, libc::F_SETFD, 0) < 0 {
                    return Err(std::io::Error::last_os_error());
                }
            }
            Ok(())
        });
    }
    command.spawn().context("start the stage")
}

fn cloexec(ends: (OwnedFd, OwnedFd)) -> Result<(OwnedFd, OwnedFd)> {
    for end in [&ends.0, &ends.1] {
        fcntl(end, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
    }
    Ok(ends)
}

/// What `__stage` does: reads its job, enters the sandbox, answers.
pub(crate) fn stage_main() -> Result<u8> {
    let list = std::env::var(FDS).context("__stage is for lab-runner alone")?;
    // SAFETY: the runner opened these for us; single-threaded, not yet used.
    let own = |fd: RawFd| unsafe { OwnedFd::from_raw_fd(fd) };
    let taken = |fd: &str| -> Result<OwnedFd> {
        let fd = own(fd.parse().context(FDS)?);
        fcntl(&fd, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC))?;
        Ok(fd)
    };
    let fds: Vec<_> = list.split(',').map(taken).collect::<Result<_>>()?;
    let tells = std::env::var(TELLS).ok();
    let teller = Teller::new(tells.as_deref().map(taken).transpose()?)?;
    for name in [FDS, TELLS] {
        // SAFETY: no other thread reads the environment.
        unsafe { std::env::remove_var(name) };
    }
    let mut fds = fds.into_iter();
    let lifeline = fds.next().context("a lifeline")?;
    let out = File::from(fds.next().context("an answer pipe")?);
    let pid_1s = out.try_clone()?;
    let frames: Vec<File> = fds.map(File::from).collect();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let job: Job = serde_json::from_str(&text).context("read the job")?;
    let result = sandbox::enter(lifeline, move || {
        let outcome = match direct(&job, &frames, teller) {
            Ok(notes) => Outcome::Ran(Box::new(notes)),
            Err(error) => Outcome::Failed(format!("{error:#}")),
        };
        sandbox::hush();
        tell(&pid_1s, &outcome)?;
        Ok(0)
    });
    result.or_else(|error| {
        tell(&out, &Outcome::Failed(format!("{error:#}"))).map(|()| 0)
    })
}

/// One line: pid 1 answers, or the helper above it if that could not start.
fn tell(mut out: &File, outcome: &Outcome) -> Result<()> {
    let mut line = serde_json::to_vec(outcome)?;
    line.push(b'\n');
    out.write_all(&line).context("answer the runner")
}

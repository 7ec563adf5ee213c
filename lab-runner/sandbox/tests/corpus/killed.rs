//! SIGKILL of the caller in the middle of a run -> nothing is left.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use lab_box::{BoxSpec, Share, Source};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::signal::{
    SaFlags, SigAction, SigHandler, SigSet, Signal, sigaction,
};
use nix::sys::wait::waitpid;
use nix::unistd::mkfifo;

use crate::ACT;

const PATIENCE: Duration = Duration::from_secs(20);
/// The program's processes, in a box that is in the middle of something.
const SCRIPT: &str =
    "for i in 1 2 3; do sleep 1000 & done; echo on > /work/on; wait";

pub(crate) fn run(folder: &Path) -> Result<()> {
    let cgroups = crate::arena::cgroups();
    let fifo = folder.join("work/on");
    mkfifo(&fifo, nix::sys::stat::Mode::from_bits_truncate(0o666))?;
    let everybody = std::os::unix::fs::PermissionsExt::from_mode(0o666);
    fs::set_permissions(&fifo, everybody)?;
    let mut caller = Killed(start(folder)?);
    let mut line = String::new();
    BufReader::new(fs::File::open(&fifo)?).read_line(&mut line)?;
    ensure!(line == "on\n", "the program says {line:?}");
    let family = family(caller.0.id())?;
    // The warden, pid 1, the shell, three that sleep.
    ensure!(family.len() >= 6, "only {} processes", family.len());
    let held: Vec<OwnedFd> =
        family.iter().filter_map(|&pid| hold(pid)).collect();
    caller.0.kill()?;
    caller.0.wait()?;
    let since = Instant::now();
    for process in held {
        let left = PATIENCE.saturating_sub(since.elapsed());
        let mut fds = [PollFd::new(
            std::os::fd::AsFd::as_fd(&process),
            PollFlags::POLLIN,
        )];
        let ended = poll(&mut fds, PollTimeout::try_from(left)?)?;
        ensure!(ended == 1, "a process outlived its caller: {family:?}");
    }
    // Nobody could remove its cgroup: the next box does.
    let _ = lab_box::cgroup_offer();
    let left = crate::arena::cgroups_since(&cgroups);
    ensure!(left.is_empty(), "cgroups left: {left:?}");
    Ok(())
}

extern "C" fn rung(_: libc::c_int) {}

/// SIGKILL at 24 moments, most of them while the box is being made. As pid 1,
/// we are told of every process that dies, and of none that doesn't.
pub(crate) fn at_any_time(folder: &Path) -> Result<()> {
    let cgroups = crate::arena::cgroups();
    let ring = SigAction::new(
        SigHandler::Handler(rung),
        SaFlags::empty(),
        SigSet::empty(),
    );
    // SAFETY: the handler does nothing: a wait is to be interrupted.
    unsafe { sigaction(Signal::SIGALRM, &ring) }?;
    for moment in 0..24u8 {
        let caller = Killed(start(folder)?);
        let pause = PollTimeout::from(moment * 2);
        poll(&mut [], pause)?;
        drop(caller);
        nix::unistd::alarm::set(PATIENCE.as_secs() as u32);
        let last = loop {
            if let Err(errno) = waitpid(None, None) {
                break errno;
            }
        };
        nix::unistd::alarm::cancel();
        ensure!(last == Errno::ECHILD, "a process outlived its caller");
    }
    let _ = lab_box::cgroup_offer();
    let left = crate::arena::cgroups_since(&cgroups);
    ensure!(left.is_empty(), "cgroups left: {left:?}");
    Ok(())
}

fn start(folder: &Path) -> Result<Child> {
    let mut caller = Command::new("/proc/self/exe");
    caller.args([ACT, "waiting"]).arg(folder);
    caller.stdin(Stdio::null()).stderr(Stdio::null());
    Ok(caller.spawn()?)
}

/// On every way out.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The caller, which is killed.
pub(crate) fn wait(folder: &Path) -> Result<()> {
    let mut spec = BoxSpec::new("/bin/sh");
    spec.args = vec!["-c".into(), SCRIPT.into()];
    spec.limits.wall = PATIENCE * 2;
    let source = Source::Path(folder.join("work"));
    spec.files.push(Share { source, inside: "/work".into(), writable: true });
    bail!("it should have been killed: {:?}", lab_box::run(spec)?.end)
}

/// All that descend from `first`, but not itself.
fn family(first: u32) -> Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let stat = fs::read_to_string(format!("/proc/{name}/stat"));
        let (Ok(pid), Ok(stat)) = (name.parse::<u32>(), stat) else { continue };
        let rest = stat.rsplit(')').next().context("a stat")?;
        let parent = rest.split_whitespace().nth(1).context("a parent")?;
        parents.push((pid, parent.parse::<u32>()?));
    }
    let mut family = vec![first];
    let mut at = 0;
    while at < family.len() {
        let parent = family[at];
        let children = parents.iter().filter(|(_, of)| *of == parent);
        family.extend(children.map(|(pid, _)| *pid));
        at += 1;
    }
    family.remove(0);
    Ok(family)
}

fn hold(pid: u32) -> Option<OwnedFd> {
    // SAFETY: a plain system call.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    // SAFETY: just opened, and nobody else's.
    (fd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(fd as i32) })
}

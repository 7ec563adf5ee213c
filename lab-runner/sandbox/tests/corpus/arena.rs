//! A fresh process -> pid 1 of an arena: a wire, a peer, secrets, and the
//! means to see whether anything of it was touched.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net as unix;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use nix::fcntl::{FcntlArg, FdFlag, fcntl};
use nix::mount::{MsFlags, mount};
use nix::sched::{CloneFlags, unshare};
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{ForkResult, Pid, fork, getegid, geteuid};

use crate::wire::{Seen, Wire, raise_loopback};

const PATIENCE: Duration = Duration::from_secs(20);

/// Runs `act` as pid 1 of namespaces that are the test's own.
pub(crate) fn enter(act: impl FnOnce() -> Result<()>) -> Result<()> {
    let (uid, gid) = (geteuid(), getegid());
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWNET;
    if !uid.is_root() {
        flags |= CloneFlags::CLONE_NEWUSER;
    }
    unshare(flags).context("make the arena")?;
    if !uid.is_root() {
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {gid} 1"))?;
    }
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Child => {
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            let none = None::<&str>;
            let private = MsFlags::MS_REC | MsFlags::MS_PRIVATE;
            mount(none, "/", none, private, none)?;
            let proc = Some("proc");
            mount(proc, "/proc", proc, MsFlags::empty(), none)?;
            act()
        }
        ForkResult::Parent { child } => match waitpid(child, None)? {
            WaitStatus::Exited(_, 0) => Ok(()),
            other => bail!("the arena: {other:?}"),
        },
    }
}

/// What an attack may be after.
pub(crate) struct Arena<'a> {
    pub(crate) folder: &'a Path,
    pub(crate) wire: Wire,
    peer: Pid,
    _bait: (TcpListener, unix::UnixListener, File),
}

/// What must not change.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct State {
    network: String,
    files: Vec<(String, String)>,
    host: String,
}

impl<'a> Arena<'a> {
    pub(crate) fn new(folder: &'a Path) -> Result<Arena<'a>> {
        let wire = Wire::new()?;
        let peer = start_peer(&wire)?;
        Ok(Arena { folder, wire, peer, _bait: bait(folder)? })
    }

    pub(crate) fn state(&self) -> Result<State> {
        let mut files = Vec::new();
        for name in ["key/answer.txt", "grades.csv"] {
            let text = fs::read_to_string(self.folder.join(name))?;
            files.push((name.to_string(), text));
        }
        for name in ["", "key", "submissions"] {
            let mut names: Vec<_> = fs::read_dir(self.folder.join(name))?
                .map(|entry| Ok(entry?.file_name()))
                .collect::<Result<_>>()?;
            names.sort();
            files.push((name.to_string(), format!("{names:?}")));
        }
        let mut host = String::new();
        for path in [
            "/proc/self/mountinfo",
            "/proc/sys/kernel/hostname",
            "/proc/sys/kernel/core_pattern",
        ] {
            host += &fs::read_to_string(path)?;
        }
        Ok(State { network: self.wire.state()?, files, host })
    }

    /// Does the peer answer, over the wire?
    pub(crate) fn answers(&self) -> Result<()> {
        let echoed = self.wire.on(&self.wire.student, || -> Result<_> {
            let peer = "10.77.0.2:7000".parse()?;
            let mut peer = TcpStream::connect_timeout(&peer, PATIENCE)?;
            peer.set_read_timeout(Some(PATIENCE))?;
            peer.write_all(b"alive?")?;
            peer.shutdown(Shutdown::Write)?;
            let mut text = String::new();
            peer.read_to_string(&mut text)?;
            Ok(text)
        })?;
        let echoed = echoed.context("the peer doesn't answer")?;
        ensure!(echoed == "alive?", "the peer says {echoed:?}");
        Ok(())
    }

    /// Processes that are neither we nor the peer.
    pub(crate) fn others(&self) -> Result<Vec<String>> {
        while let Ok(status) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {
            if status == WaitStatus::StillAlive {
                break;
            }
        }
        let mut others = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let Ok(pid) = name.parse::<i32>() else { continue };
            if pid != 1 && pid != self.peer.as_raw() {
                let comm = fs::read_to_string(format!("/proc/{pid}/comm"));
                others.push(format!("{pid} {}", comm.unwrap_or_default()));
            }
        }
        Ok(others)
    }

    /// Frames with a source that is neither end's.
    pub(crate) fn forged(&self) -> (usize, Vec<String>) {
        let mut spoken = 0;
        let mut forged = Vec::new();
        for frame in self.wire.frames() {
            match frame {
                Seen::Student => spoken += 1,
                Seen::Peer => {}
                Seen::Forged(text) => forged.push(text),
            }
        }
        (spoken, forged)
    }

    /// All that is left, and the peer.
    pub(crate) fn clear(self) {
        let _ = kill(Pid::from_raw(-1), Signal::SIGKILL);
        while waitpid(None, None).is_ok() {}
    }

    /// All but the peer.
    pub(crate) fn clear_others(&self) -> Result<()> {
        for other in self.others()? {
            let pid = other.split(' ').next().unwrap_or_default().parse()?;
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
            let _ = waitpid(Pid::from_raw(pid), None);
        }
        Ok(())
    }
}

/// A process called refpeer, which says what it hears. It has its name when
/// this returns: an attack that looks for it must not come too early.
fn start_peer(wire: &Wire) -> Result<Pid> {
    let listener = wire.on(&wire.peer, || TcpListener::bind("10.77.0.2:7000"));
    let listener = listener?.context("the peer's port")?;
    let (named, naming) = nix::unistd::pipe()?;
    // SAFETY: this process has one thread.
    match unsafe { fork() }? {
        ForkResult::Parent { child } => {
            drop(naming);
            let end = nix::unistd::read(&named, &mut [0; 1])?;
            ensure!(end == 0, "the peer says something of its name");
            Ok(child)
        }
        ForkResult::Child => {
            let _ = prctl::set_pdeathsig(Signal::SIGKILL);
            let _ = prctl::set_name(c"refpeer");
            drop((named, naming));
            loop {
                let Ok((mut student, _)) = listener.accept() else { continue };
                let _ = student.set_read_timeout(Some(PATIENCE));
                let mut words = Vec::new();
                let _ = student.read_to_end(&mut words);
                let _ = student.write_all(&words);
            }
        }
    }
}

/// Things that a careless grader leaves open.
fn bait(folder: &Path) -> Result<(TcpListener, unix::UnixListener, File)> {
    raise_loopback()?;
    let loopback = TcpListener::bind("127.0.0.1:7001")?;
    let name = unix::SocketAddr::from_abstract_name(b"lab-runner")?;
    let runner = unix::UnixListener::bind_addr(&name)?;
    let key = File::open(folder.join("key/answer.txt"))?;
    fcntl(&key, FcntlArg::F_SETFD(FdFlag::empty()))?;
    debug_assert!(key.as_raw_fd() > 2);
    // SAFETY: no other thread reads the environment.
    unsafe { std::env::set_var("LAB_TOKEN", "secret") };
    // SAFETY: a plain system call.
    unsafe { libc::semget(0x7777, 1, libc::IPC_CREAT | 0o666) };
    Ok((loopback, runner, key))
}

/// The cgroups of boxes, from everywhere on this machine.
pub(crate) fn cgroups() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for kind in ["memory", "pids", "cpu", "cpuset", "unified", "."] {
        let folder = Path::new("/sys/fs/cgroup").join(kind);
        let Ok(entries) = fs::read_dir(folder) else { continue };
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with("lab-box-") {
                found.insert(entry.path().display().to_string());
            }
        }
    }
    found
}

/// The ones that somebody left.
pub(crate) fn cgroups_since(before: &BTreeSet<String>) -> Vec<String> {
    let now = cgroups();
    let new = now.difference(before);
    new.filter(|path| is_empty(path)).cloned().collect()
}

/// Of another test's boxes we know nothing, but they are not empty for long:
/// a box in a crowd of twenty may be for seconds, before its program joins.
fn is_empty(path: &str) -> bool {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let procs = fs::read_to_string(format!("{path}/cgroup.procs"));
        if !procs.is_ok_and(|procs| procs.is_empty()) {
            return false;
        }
        let _ = nix::poll::poll(&mut [], 20u8);
    }
    true
}

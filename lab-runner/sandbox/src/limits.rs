//! Limits -> rlimits of pid 1, and the counts of the box's user namespace.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, getrlimit, setrlimit};

use crate::spec::Limits;

/// Not 0: with a limit of 0 a core_pattern that is a pipe still starts its
/// handler, as root, outside.
const CORE: u64 = 1;
const STACK: u64 = 8 << 20;
const LOCKED: u64 = 64 << 10;
const SIGNALS: u64 = 64;

/// Namespaces that can't be made in the box, whatever its rights.
const NAMESPACES: [&str; 8] =
    ["cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"];
const INOTIFY: [(&str, u32); 2] =
    [("max_inotify_instances", 8), ("max_inotify_watches", 64)];

pub(crate) fn set(limits: &Limits, weak: bool) -> Result<String> {
    let cpu = limits.cpu.as_secs().max(1);
    let memory = limits.memory.saturating_mul(2);
    // Where nothing counts the box's memory, each process is held.
    let addresses = if weak { memory } else { u64::MAX };
    // pid 1 is one of them.
    let processes = limits.processes.saturating_add(1);
    // SIGXCPU first, so that a program out of time can be told from others.
    for (resource, soft, hard) in [
        (Resource::RLIMIT_CORE, CORE, CORE),
        (Resource::RLIMIT_CPU, cpu, cpu.saturating_add(1)),
        (Resource::RLIMIT_NOFILE, limits.files, limits.files),
        (Resource::RLIMIT_FSIZE, limits.file_size, limits.file_size),
        (Resource::RLIMIT_DATA, memory, memory),
        (Resource::RLIMIT_AS, addresses, addresses),
        (Resource::RLIMIT_STACK, STACK, STACK),
        (Resource::RLIMIT_MEMLOCK, LOCKED, LOCKED),
        (Resource::RLIMIT_MSGQUEUE, 0, 0),
        (Resource::RLIMIT_SIGPENDING, SIGNALS, SIGNALS),
        (Resource::RLIMIT_NICE, 0, 0),
        (Resource::RLIMIT_RTPRIO, 0, 0),
        // The kernel counts by user namespace, so only the box is counted.
        (Resource::RLIMIT_NPROC, processes, processes),
    ] {
        let (_, most) = getrlimit(resource)?;
        let (soft, hard) = (soft.min(most), hard.min(most));
        setrlimit(resource, soft, hard)
            .with_context(|| format!("set {resource:?} to {hard}"))?;
    }
    Ok(match weak {
        true => "of each process; address space, too",
        false => "of each process",
    }
    .into())
}

/// Through the box's own /proc, while it can still be written.
pub(crate) fn set_counts(proc: &Path) -> Result<String> {
    let counts = NAMESPACES.map(|kind| (format!("max_{kind}_namespaces"), 0));
    let inotify = INOTIFY.map(|(name, most)| (name.to_string(), most));
    for (name, most) in counts.into_iter().chain(inotify) {
        let path = proc.join("sys/user").join(&name);
        fs::write(&path, most.to_string())
            .with_context(|| format!("set {name} to {most}"))?;
    }
    Ok("no namespaces, few watches".into())
}

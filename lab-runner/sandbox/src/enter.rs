//! The warden -> pid 1 of the box, in its user namespace.
//!
//! One clone makes all namespaces but the network's, which the warden is in
//! already: that one belongs to whoever made it, and is out of reach for good.

use std::fs;
use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, clone};
use nix::unistd::{Pid, getegid, geteuid, getpid};

use crate::inside::Inside;
use crate::report::Layers;
use crate::spec::Layer;

/// The program's uid and gid as it sees them.
pub(crate) const STUDENT: u32 = 1000;
/// Ids that no system gives to anybody (systemd's list calls them unused). A
/// process id apart, so that no two boxes share the kernel's counts of a user.
const SPARE: u32 = 1_900_000_000;

/// Who the program is outside.
#[derive(Clone, Copy)]
pub(crate) struct Identity {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Somebody else than the caller: takes the rights to write any map.
    pub(crate) spare: bool,
    mapped: bool,
}

impl Identity {
    pub(crate) fn find(mapped: bool) -> Result<Identity> {
        let spare = SPARE + getpid().as_raw() as u32;
        let all = [("uid", spare), ("gid", spare)];
        let may = geteuid().is_root()
            && all.iter().all(|&(kind, id)| is_mapped(kind, id));
        Ok(match may {
            true => Identity { uid: spare, gid: spare, spare: true, mapped },
            false => Identity {
                uid: geteuid().as_raw(),
                gid: getegid().as_raw(),
                spare: false,
                mapped,
            },
        })
    }

    pub(crate) fn note(&self) -> String {
        match self.spare {
            true => format!("uid {} outside", self.uid),
            false => format!(
                "uid {} outside and its groups, as the caller",
                self.uid
            ),
        }
    }

    /// `name` is pid 1's in /proc.
    pub(crate) fn write_maps(&self, name: &str) -> Result<()> {
        if !self.mapped {
            return Ok(());
        }
        let write = |file: &str, text: String| {
            let path = format!("/proc/{name}/{file}");
            fs::write(&path, &text).with_context(|| {
                format!(
                    "write {text:?} to {path} (Ubuntu's AppArmor refuses \
                     this): `lab-runner doctor` names the remedy"
                )
            })
        };
        if !self.spare {
            write("setgroups", "deny".into())?;
        }
        write("gid_map", format!("{STUDENT} {} 1", self.gid))?;
        write("uid_map", format!("{STUDENT} {} 1", self.uid))
    }
}

fn is_mapped(kind: &str, id: u32) -> bool {
    let map = fs::read_to_string(format!("/proc/self/{kind}_map"));
    map.unwrap_or_default().lines().any(|line| {
        let mut numbers = line.split_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.nth(1)) {
            (Some(Ok(first)), Some(Ok(count))) => {
                (first..first + count).contains(&u64::from(id))
            }
            _ => false,
        }
    })
}

/// Starts it; it waits for a byte through `go`.
pub(crate) fn start_pid_one(
    inside: Inside,
    go: OwnedFd,
) -> Result<(Pid, OwnedFd)> {
    let flags = flags(&inside.layers);
    let mut stack = vec![0; 1 << 20];
    let mut inside = Some(inside);
    let mine = go.as_raw_fd();
    let main = Box::new(|| {
        // pid 1 sees the warden's end by this pipe's, so it must not hold it.
        // SAFETY: a copy of the warden's descriptor, which nobody uses here.
        unsafe { libc::close(mine) };
        inside.take().map_or(125, Inside::live)
    });
    // SAFETY: this process has one thread, and without CLONE_VM the child has
    // memory of its own.
    let pid = unsafe { clone(main, &mut stack, flags, Some(libc::SIGCHLD)) };
    match pid {
        Ok(pid) => Ok((pid, go)),
        Err(errno) => bail!(
            "make the box's namespaces: {errno}. Are user namespaces \
             allowed here? `lab-runner doctor` says"
        ),
    }
}

fn flags(layers: &Layers) -> CloneFlags {
    let all = [
        (Layer::User, CloneFlags::CLONE_NEWUSER),
        (Layer::Pid, CloneFlags::CLONE_NEWPID),
        (Layer::Ipc, CloneFlags::CLONE_NEWIPC),
        (Layer::Uts, CloneFlags::CLONE_NEWUTS),
    ];
    all.into_iter()
        .filter(|&(layer, _)| layers.wants(layer))
        .fold(CloneFlags::CLONE_NEWNS, |flags, (_, flag)| flags | flag)
}

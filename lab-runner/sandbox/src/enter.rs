//! The warden -> pid 1 of the box, in its user namespace.
//!
//! One clone makes all namespaces but the network's, which the warden is in
//! already: that one belongs to whoever made it, and is out of reach for good.

use std::fs;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sched::CloneFlags;
use nix::unistd::{Pid, getegid, geteuid, getpid};

use crate::cgroup::Group;
use crate::inside::Inside;
use crate::report::Layers;
use crate::spec::Layer;

/// The program's uid and gid as it sees them.
pub(crate) const STUDENT: u32 = 1000;
/// Ids that no system gives to anybody (systemd's list calls them unused). A
/// process id apart, so that no two boxes share the kernel's counts of a user.
const SPARE: u32 = 1_900_000_000;

/// CLONE_INTO_CGROUP of linux/sched.h: libc's is too narrow for it.
const INTO_CGROUP: u64 = 0x2_0000_0000;

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

/// Starts it, in its cgroup or with the doors to it; it waits for a byte
/// through `go`.
pub(crate) fn start_pid_one(
    inside: Inside,
    go: OwnedFd,
    group: Option<&Group>,
) -> Result<(Pid, OwnedFd)> {
    let flags = flags(&inside.layers);
    let cradle = group.and_then(Group::cradle);
    // SAFETY: this process has one thread.
    let (pid, born) = unsafe { fork(flags, cradle) }.context(
        "make the box's namespaces. Are user namespaces allowed here? \
         `lab-runner doctor` says",
    )?;
    if pid == 0 {
        // pid 1 sees the warden's end by this pipe's, so it must not hold it.
        drop(go);
        let code = inside.live();
        // SAFETY: leaves without running anything of the warden's.
        unsafe { libc::_exit(code) }
    }
    let pid = Pid::from_raw(pid);
    let late = group.filter(|_| cradle.is_some() && !born);
    late.map_or(Ok(()), |group| group.admit(pid))?;
    Ok((pid, go))
}

/// fork(2) into new namespaces, and whether into the cgroup; 0 in the child.
///
/// # Safety
///
/// As for fork(2): the child has but this one thread.
unsafe fn fork(
    flags: CloneFlags,
    cgroup: Option<BorrowedFd<'_>>,
) -> nix::Result<(i32, bool)> {
    let flags = flags.bits();
    if let Some(cgroup) = cgroup {
        // SAFETY: all zeroes is a clone_args.
        let mut args: libc::clone_args = unsafe { std::mem::zeroed() };
        args.flags = flags as u64 | INTO_CGROUP;
        args.exit_signal = libc::SIGCHLD as u64;
        args.cgroup = cgroup.as_raw_fd() as u64;
        let size = size_of_val(&args);
        // SAFETY: reads the struct of the size that it is told.
        let pid =
            unsafe { libc::syscall(libc::SYS_clone3, &raw const args, size) };
        // Not everywhere, and not in every container: then without.
        if pid >= 0 {
            return Ok((pid as i32, true));
        }
    }
    // SAFETY: without CLONE_VM and a stack, the child has copies of both.
    let pid = unsafe {
        libc::syscall(libc::SYS_clone, flags | libc::SIGCHLD, 0, 0, 0, 0)
    };
    Ok((Errno::result(pid)? as i32, false))
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

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::Write;
    use std::os::fd::AsFd;

    use super::*;

    /// On a machine with v2, wherever that is mounted, and as root.
    #[test]
    fn a_process_is_born_in_a_cgroup() {
        let mounts = fs::read_to_string("/proc/mounts").unwrap();
        let all = mounts.lines().map(|line| line.split(' ').collect());
        let v2 = |line: Vec<&str>| {
            let [_, at, "cgroup2", ..] = line[..] else { return None };
            let name = format!("born-{}", std::process::id());
            let folder = std::path::Path::new(at).join(name);
            fs::create_dir(&folder).ok().map(|()| folder)
        };
        let Some(folder) = all.into_iter().find_map(v2) else {
            return eprintln!("skipped: there is no v2 to make a cgroup in");
        };
        let cgroup = File::open(&folder).unwrap();
        let (held, go) = nix::unistd::pipe().unwrap();
        // SAFETY: the child makes plain system calls only, and leaves.
        let (pid, born) = unsafe {
            let flags = CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWPID;
            let (pid, born) = fork(flags, Some(cgroup.as_fd())).unwrap();
            if pid == 0 {
                libc::read(held.as_raw_fd(), [0u8].as_mut_ptr().cast(), 1);
                libc::_exit(0);
            }
            (pid, born)
        };
        let inside = fs::read_to_string(folder.join("cgroup.procs"));
        File::from(go).write_all(b"!").unwrap();
        let ended = nix::sys::wait::waitpid(Pid::from_raw(pid), None);
        let removed = fs::remove_dir(&folder);
        assert_eq!(inside.unwrap().trim(), pid.to_string());
        assert!(born && removed.is_ok(), "{ended:?} {removed:?}");
    }
}

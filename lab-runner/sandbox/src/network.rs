//! The caller's network namespace, or a new one -> the warden's, before there
//! is a box.

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sched::{CloneFlags, setns, unshare};
use nix::unistd::{getegid, geteuid};

/// Enters it, and says how.
pub(crate) fn join(netns: Option<OwnedFd>) -> Result<String> {
    match netns {
        Some(fd) => {
            setns(fd, CloneFlags::CLONE_NEWNET).context(
                "join the network namespace: that takes CAP_SYS_ADMIN in the \
                 user namespace that owns it, so be root or be in there",
            )?;
            Ok("the one that was given".into())
        }
        None => {
            alone()?;
            raise_loopback()?;
            Ok("a new one, with a loopback only".into())
        }
    }
}

/// A namespace that the box doesn't own, so an ordinary user makes a user
/// namespace for it first.
fn alone() -> Result<()> {
    match unshare(CloneFlags::CLONE_NEWNET) {
        Err(Errno::EPERM) => {}
        other => return other.context("make a network namespace"),
    }
    let (uid, gid) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNET).context(
        "make a network namespace in a user namespace: is that allowed here? \
         `lab-runner doctor` says",
    )?;
    let map = || -> io::Result<()> {
        fs::write("/proc/self/setgroups", "deny")?;
        fs::write("/proc/self/uid_map", format!("0 {uid} 1"))?;
        fs::write("/proc/self/gid_map", format!("0 {gid} 1"))
    };
    map().context(
        "become root of the network's user namespace (Ubuntu's AppArmor \
         refuses just this): `lab-runner doctor` names the remedy",
    )
}

fn raise_loopback() -> Result<()> {
    let socket = std::net::UdpSocket::bind("0.0.0.0:0")?;
    // SAFETY: all zeroes is an ifreq.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    request.ifr_name[0] = b'l' as libc::c_char;
    request.ifr_name[1] = b'o' as libc::c_char;
    request.ifr_ifru.ifru_flags = libc::IFF_UP as libc::c_short;
    // SAFETY: the kernel reads one ifreq.
    let answer = unsafe {
        libc::ioctl(
            socket.as_raw_fd(),
            libc::SIOCSIFFLAGS as _,
            &raw const request,
        )
    };
    match answer {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()).context("raise the loopback"),
    }
}

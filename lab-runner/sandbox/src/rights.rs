//! What pid 1 gives up for itself and all that it starts.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::prctl;
use nix::unistd::{Gid, Uid, setgroups, setresgid, setresuid};

use crate::enter::STUDENT;

/// The capabilities of the new user namespace survive it: they are lost with
/// uid 0, and 0 is not mapped here.
pub(crate) fn become_the_student(drop_groups: bool) -> Result<()> {
    if drop_groups {
        setgroups(&[]).context("leave our groups")?;
    }
    let (uid, gid) = (Uid::from_raw(STUDENT), Gid::from_raw(STUDENT));
    setresgid(gid, gid, gid).context("become the student's group")?;
    setresuid(uid, uid, uid).context("become the student")
}

pub(crate) fn drop_capabilities() -> Result<String> {
    // SAFETY: plain system calls.
    let drop = |number: libc::c_ulong| unsafe {
        Errno::result(libc::prctl(libc::PR_CAPBSET_DROP, number))
    };
    let mut number = 0;
    loop {
        match drop(number) {
            Ok(_) => number += 1,
            Err(Errno::EINVAL) if number > 0 => break,
            Err(errno) => {
                return Err(errno).context("empty the bounding set");
            }
        }
    }
    set_no_capabilities().context("drop all capabilities")?;
    Ok(format!("none of {number}, and none to be had"))
}

/// capset(2) with nothing in any set; that empties the ambient set, too.
fn set_no_capabilities() -> io::Result<()> {
    const VERSION_3: u32 = 0x2008_0522;
    let header = [VERSION_3, 0];
    let none = [0u32; 6];
    // SAFETY: the header and the two structs of version 3, which it reads.
    let answer = unsafe {
        libc::syscall(libc::SYS_capset, header.as_ptr(), none.as_ptr())
    };
    match answer {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

pub(crate) fn no_new_privileges() -> Result<String> {
    prctl::set_no_new_privs().context("give up new privileges")?;
    Ok("on".into())
}

/// So /proc/1 belongs to nobody in the box; hidepid makes it vanish.
pub(crate) fn hide() -> Result<String> {
    prctl::set_dumpable(false).context("hide pid 1")?;
    Ok("not dumpable".into())
}

/// Closes all descriptors but these.
pub(crate) fn keep_only(keep: &[BorrowedFd<'_>]) -> Result<()> {
    let mut keep: Vec<u32> =
        keep.iter().map(|fd| fd.as_raw_fd() as u32).collect();
    keep.sort_unstable();
    keep.push(u32::MAX);
    let mut from = 0;
    for fd in keep {
        if from < fd {
            // SAFETY: whoever owned them in the warden never runs here.
            let closed = unsafe {
                libc::syscall(libc::SYS_close_range, from, fd - 1, 0)
            };
            Errno::result(closed).context("close the warden's files")?;
        }
        from = fd.saturating_add(1);
    }
    Ok(())
}

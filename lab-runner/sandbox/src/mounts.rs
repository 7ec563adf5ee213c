//! The mount system calls that work on descriptors (Linux 5.12), which neither
//! libc nor nix names.

use std::ffi::{CStr, CString};
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

const OPEN_TREE_CLONE: libc::c_int = 1;
const MOVE_MOUNT_F_EMPTY_PATH: libc::c_int = 4;
const FSCONFIG_SET_STRING: libc::c_int = 1;
const FSCONFIG_CMD_CREATE: libc::c_int = 6;
const CLOEXEC: libc::c_int = libc::O_CLOEXEC;

/// MOUNT_ATTR_* of linux/mount.h.
pub(crate) const READ_ONLY: u64 = 1;
pub(crate) const NO_SETUID: u64 = 2;
pub(crate) const NO_DEVICES: u64 = 4;
pub(crate) const NO_EXEC: u64 = 8;

#[repr(C)]
struct Attributes {
    set: u64,
    clear: u64,
    propagation: u64,
    userns: u64,
}

/// A mount that is nowhere yet, or the place where it was attached.
pub(crate) struct Tree(OwnedFd);

impl Tree {
    /// What is at `path`, with what is mounted below. Doesn't follow a link.
    pub(crate) fn clone_of(path: &Path) -> io::Result<Tree> {
        let path = CString::new(path.as_os_str().as_bytes())?;
        let flags = OPEN_TREE_CLONE
            | CLOEXEC
            | libc::AT_RECURSIVE
            | libc::AT_SYMLINK_NOFOLLOW;
        // SAFETY: the path is a C string.
        fd(unsafe {
            libc::syscall(
                libc::SYS_open_tree,
                libc::AT_FDCWD,
                path.as_ptr(),
                flags,
            )
        })
        .map(Tree)
    }

    /// A new file system.
    pub(crate) fn fresh(
        kind: &CStr,
        options: &[(&CStr, &CStr)],
        attributes: u64,
    ) -> io::Result<Tree> {
        // SAFETY: a C string.
        let context =
            fd(unsafe { libc::syscall(libc::SYS_fsopen, kind.as_ptr(), 1) })?;
        for (name, value) in options {
            configure(&context, FSCONFIG_SET_STRING, name, value)?;
        }
        configure(&context, FSCONFIG_CMD_CREATE, c"", c"")?;
        let context = context.as_raw_fd();
        // SAFETY: a plain system call.
        fd(unsafe { libc::syscall(libc::SYS_fsmount, context, 1, attributes) })
            .map(Tree)
    }

    /// Adds attributes, and takes none away: some may be locked.
    pub(crate) fn add(&self, attributes: u64, below: bool) -> io::Result<()> {
        let set =
            Attributes { set: attributes, clear: 0, propagation: 0, userns: 0 };
        let below = if below { libc::AT_RECURSIVE } else { 0 };
        // SAFETY: reads the struct of the size that it is told.
        zero(unsafe {
            libc::syscall(
                libc::SYS_mount_setattr,
                self.0.as_raw_fd(),
                c"".as_ptr(),
                libc::AT_EMPTY_PATH | below,
                &raw const set,
                size_of::<Attributes>(),
            )
        })
    }

    /// Mounts it on what `place` holds open.
    pub(crate) fn attach(&self, place: BorrowedFd<'_>) -> io::Result<()> {
        const TO_EMPTY_PATH: libc::c_int = 0x40;
        // SAFETY: C strings.
        zero(unsafe {
            libc::syscall(
                libc::SYS_move_mount,
                self.0.as_raw_fd(),
                c"".as_ptr(),
                place.as_raw_fd(),
                c"".as_ptr(),
                MOVE_MOUNT_F_EMPTY_PATH | TO_EMPTY_PATH,
            )
        })
    }
}

impl AsFd for Tree {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

fn configure(
    context: &OwnedFd,
    command: libc::c_int,
    name: &CStr,
    value: &CStr,
) -> io::Result<()> {
    let given = |text: &CStr| match text.is_empty() {
        true => std::ptr::null(),
        false => text.as_ptr(),
    };
    // SAFETY: C strings, or null where the command takes none.
    zero(unsafe {
        libc::syscall(
            libc::SYS_fsconfig,
            context.as_raw_fd(),
            command,
            given(name),
            given(value),
            0,
        )
    })
}

fn fd(answer: libc::c_long) -> io::Result<OwnedFd> {
    match answer {
        // SAFETY: just opened, and nobody else's.
        0.. => Ok(unsafe { OwnedFd::from_raw_fd(answer as i32) }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn zero(answer: libc::c_long) -> io::Result<()> {
    match answer {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

//! A name below an open folder -> an open file, without ever leaving the
//! folder, following a link or waiting for somebody.

use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{OFlag, OpenHow, ResolveFlag, openat2};
use nix::sys::stat::{FileStat, SFlag};

use super::finding::What;

/// Opens it for a look: no device notices, and a fifo has no reader.
pub(super) fn look(at: impl AsFd, path: &Path) -> nix::Result<OwnedFd> {
    careful(at, path, OFlag::O_PATH)
}

/// Opens it for reading.
pub(super) fn read(at: impl AsFd, path: &Path) -> nix::Result<OwnedFd> {
    let nothing_waits = OFlag::O_NONBLOCK | OFlag::O_NOCTTY;
    careful(at, path, OFlag::O_RDONLY | nothing_waits)
}

pub(super) fn folder(at: impl AsFd, path: &Path) -> nix::Result<OwnedFd> {
    careful(at, path, OFlag::O_RDONLY | OFlag::O_DIRECTORY)
}

fn careful(at: impl AsFd, path: &Path, how: OFlag) -> nix::Result<OwnedFd> {
    let flags = how | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let beneath = ResolveFlag::RESOLVE_BENEATH
        | ResolveFlag::RESOLVE_NO_SYMLINKS
        | ResolveFlag::RESOLVE_NO_MAGICLINKS
        | ResolveFlag::RESOLVE_NO_XDEV;
    let how = OpenHow::new().flags(flags).resolve(beneath);
    loop {
        match openat2(&at, path, how) {
            Err(Errno::EINTR) => {}
            other => return other,
        }
    }
}

pub(super) fn kind(stat: &FileStat) -> SFlag {
    SFlag::from_bits_truncate(stat.st_mode & SFlag::S_IFMT.bits())
}

/// What an error says about the submission; none if it is about this machine,
/// which must not cost anybody a mark.
pub(super) fn blame(errno: Errno) -> Option<(What, String)> {
    let what = match errno {
        // It was another thing when it was looked at.
        Errno::ENOENT | Errno::ELOOP | Errno::ENOTDIR | Errno::ENXIO => {
            What::Swapped
        }
        Errno::EXDEV => What::OtherFileSystem,
        // EAGAIN: somebody holds a lease on it.
        Errno::EACCES | Errno::EPERM | Errno::EAGAIN => What::Unreadable,
        _ => return None,
    };
    Some((what, errno.desc().into()))
}

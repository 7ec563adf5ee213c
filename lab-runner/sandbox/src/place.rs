//! A path in the box -> the place for it, and new file systems there.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Component, Path};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{Mode, fchmod, mkdirat};

use crate::files::RIGID;
use crate::mounts::Tree;

/// Of a file system, at least and at most: a build has many small files.
const INODES: u64 = 1024;
const MANY_INODES: u64 = 1 << 17;
const BYTES_OF_A_FILE: u64 = 16 << 10;

/// A folder of the program's own, there in the box.
pub(crate) fn scratch(
    root: BorrowedFd<'_>,
    inside: &Path,
    bytes: u64,
) -> Result<Tree> {
    let making = || format!("make the box's {inside:?}");
    let tree = tmpfs(bytes, "1777").with_context(making)?;
    let place = place(root, inside, true)?;
    tree.attach(place.as_fd()).with_context(making)?;
    Ok(tree)
}

pub(crate) fn tmpfs(bytes: u64, mode: &str) -> Result<Tree> {
    let inodes = (bytes / BYTES_OF_A_FILE).clamp(INODES, MANY_INODES);
    let size = std::ffi::CString::new(bytes.to_string())?;
    let mode = std::ffi::CString::new(mode)?;
    let inodes = std::ffi::CString::new(inodes.to_string())?;
    let options = [
        (c"size", size.as_c_str()),
        (c"nr_inodes", inodes.as_c_str()),
        (c"mode", mode.as_c_str()),
    ];
    Ok(Tree::fresh(c"tmpfs", &options, RIGID)?)
}

/// Makes `path` in the box's root, a step at a time; no link is followed.
pub(crate) fn place(
    root: BorrowedFd<'_>,
    path: &Path,
    is_folder: bool,
) -> Result<OwnedFd> {
    let mut steps: Vec<_> = Vec::new();
    for step in path.components() {
        match step {
            Component::RootDir => {}
            Component::Normal(name) => steps.push(name),
            _ => bail!("{path:?} is no place in the box: it has to be plain"),
        }
    }
    let Some((last, folders)) = steps.split_last() else {
        bail!("{path:?} is no place in the box: name one below /");
    };
    let making = || format!("make {path:?} in the box");
    let mut at = root.try_clone_to_owned()?;
    let folder = OFlag::O_DIRECTORY | OFlag::O_PATH;
    let careful = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    for name in folders {
        make_folder(&at, name).with_context(making)?;
        at = openat(&at, *name, folder | careful, Mode::empty())
            .with_context(making)?;
    }
    let how = match is_folder {
        true => {
            make_folder(&at, last).with_context(making)?;
            folder
        }
        false => OFlag::O_CREAT | OFlag::O_WRONLY,
    };
    let place =
        openat(&at, *last, how | careful, Mode::from_bits_truncate(0o644))
            .with_context(making)?;
    if !is_folder {
        fchmod(&place, Mode::from_bits_truncate(0o644)).ok();
    }
    Ok(place)
}

fn make_folder(at: &OwnedFd, name: &std::ffi::OsStr) -> nix::Result<()> {
    match mkdirat(at, name, Mode::from_bits_truncate(0o755)) {
        Err(Errno::EEXIST) | Ok(()) => Ok(()),
        Err(errno) => Err(errno),
    }
}

//! A surveyed file -> a copy of ours, if it is still the one that was seen.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::{FileStat, Mode, fchmod, fstat, mkdirat};

use super::finding::What;
use super::open;
use super::survey::Seen;

type Left = (What, String);

/// Its bytes, or why they are not taken.
pub(super) fn read(
    root: impl AsFd,
    seen: &Seen,
) -> Result<Result<Vec<u8>, Left>> {
    let doing = || format!("read {:?} of the submission", seen.path);
    let file = match open::read(root, &seen.path) {
        Ok(file) => file,
        Err(errno) => match open::blame(errno) {
            Some(left) => return Ok(Err(left)),
            None => return Err(errno).with_context(doing),
        },
    };
    if identity(&fstat(&file)?) != identity(&seen.stat) {
        let why = "something else has taken its place".into();
        return Ok(Err((What::Swapped, why)));
    }
    let file = File::from(file);
    let size = seen.stat.st_size as u64;
    let mut bytes = Vec::new();
    let read = (&file).take(size + 1).read_to_end(&mut bytes);
    read.with_context(doing)?;
    let now = file.metadata().with_context(doing)?;
    let times = (now.mtime(), now.mtime_nsec(), now.ctime(), now.ctime_nsec());
    let same = bytes.len() as u64 == size && times == times_of(&seen.stat);
    Ok(match same {
        true => Ok(bytes),
        false => Err((What::Changed, "it was changed meanwhile".into())),
    })
}

fn identity(stat: &FileStat) -> impl PartialEq + use<> {
    (stat.st_dev, stat.st_ino, open::kind(stat))
}

fn times_of(stat: &FileStat) -> (i64, i64, i64, i64) {
    (stat.st_mtime, stat.st_mtime_nsec, stat.st_ctime, stat.st_ctime_nsec)
}

/// Everybody may read it, the box's program, too; nobody may execute it.
pub(super) fn write(stage: &OwnedFd, path: &Path, bytes: &[u8]) -> Result<()> {
    let doing = || format!("write {path:?} to the staging folder");
    let careful = OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut at = stage.try_clone()?;
    let name = path.file_name().with_context(doing)?;
    for step in path.parent().into_iter().flatten() {
        match mkdirat(&at, step, Mode::S_IRWXU) {
            Ok(()) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno).with_context(doing),
        }
        let folder = OFlag::O_DIRECTORY | OFlag::O_RDONLY | careful;
        at = openat(&at, step, folder, Mode::empty()).with_context(doing)?;
        fchmod(&at, Mode::from_bits_truncate(0o755)).with_context(doing)?;
    }
    let new = OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_WRONLY | careful;
    let file = openat(&at, name, new, Mode::S_IRUSR).with_context(doing)?;
    fchmod(&file, Mode::from_bits_truncate(0o644)).with_context(doing)?;
    File::from(file).write_all(bytes).with_context(doing)
}

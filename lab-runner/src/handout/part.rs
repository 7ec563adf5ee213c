//! A folder that is being made: `DIR.part`, which becomes `DIR` when it is
//! whole. What a killed run left of it is cleared away by the next.

use std::fs::{self, DirBuilder, File};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use nix::fcntl::{Flock, FlockArg};

use super::mark::FILE;

pub(super) struct Part {
    at: PathBuf,
    out: PathBuf,
    named: bool,
    /// Two that make the same folder would write into each other's.
    _alone: Flock<File>,
}

impl Part {
    pub(super) fn begin(out: &Path) -> Result<Part> {
        let out = std::path::absolute(out)?;
        let tried = || format!("make {}", out.display());
        empty(&out).with_context(tried)?;
        let name = out.file_name().context("the root folder is no handout")?;
        let mut name = name.to_os_string();
        name.push(".part");
        let at = out.with_file_name(name);
        let above = at.parent().context("the root folder is no handout")?;
        fs::create_dir_all(above).with_context(tried)?;
        match DirBuilder::new().mode(0o755).create(&at) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            made => made.with_context(tried)?,
        }
        let folder = File::open(&at).with_context(tried)?;
        let lock = Flock::lock(folder, FlockArg::LockExclusiveNonblock);
        let alone = lock.map_err(|(_, errno)| {
            anyhow::anyhow!("{} is in use: {errno}", at.display())
        })?;
        clear(&at)?;
        Ok(Part { at, out, named: false, _alone: alone })
    }

    /// Writes a file, with the folders above it, as old as the one it is of:
    /// cargo builds again what looks new.
    pub(super) fn write(
        &self,
        path: impl AsRef<Path>,
        bytes: &[u8],
        mode: u32,
        modified: Option<SystemTime>,
    ) -> Result<()> {
        let path = self.at.join(path);
        let tried = || format!("write {}", path.display());
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).with_context(tried)?;
        }
        let mut file = File::create(&path).with_context(tried)?;
        file.write_all(bytes).with_context(tried)?;
        let mode = fs::Permissions::from_mode(mode);
        file.set_permissions(mode).with_context(tried)?;
        match modified {
            Some(time) => file.set_modified(time).with_context(tried),
            None => Ok(()),
        }
    }

    /// It is whole.
    pub(super) fn name(mut self) -> Result<()> {
        fs::rename(&self.at, &self.out)
            .with_context(|| format!("make {}", self.out.display()))?;
        self.named = true;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.named {
            let _ = fs::remove_dir_all(&self.at);
        }
    }
}

fn empty(out: &Path) -> Result<()> {
    match fs::read_dir(out) {
        Ok(mut files) => match files.next() {
            Some(_) => bail!("it is not empty; name a folder that is new"),
            None => Ok(()),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Removes what an earlier run left, and nothing that is somebody else's.
fn clear(at: &Path) -> Result<()> {
    let tried = || format!("clear {}", at.display());
    let files = fs::read_dir(at).with_context(tried)?;
    let files =
        files.collect::<std::io::Result<Vec<_>>>().with_context(tried)?;
    if !files.is_empty() && !at.join(FILE).is_file() {
        bail!("{} is not mine: move it away", at.display());
    }
    // The mark goes last: killed here, the rest is still known to be ours.
    let (marks, rest): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|file| file.file_name() == FILE);
    for file in rest.iter().chain(&marks) {
        let removed = match file.file_type().with_context(tried)?.is_dir() {
            true => fs::remove_dir_all(file.path()),
            false => fs::remove_file(file.path()),
        };
        removed.with_context(tried)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_whole_or_not_there() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("a/out");
        let part = Part::begin(&out).unwrap();
        part.write("x/y", b"1", 0o644, None).unwrap();
        assert!(!out.exists());
        drop(part);
        assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 0);
        let part = Part::begin(&out).unwrap();
        part.write("x/run", b"2", 0o755, None).unwrap();
        part.name().unwrap();
        let mode = fs::metadata(out.join("x/run")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o755);
        assert_eq!(fs::read_dir(dir.path().join("a")).unwrap().count(), 1);
        let again = Part::begin(&out).err().unwrap();
        assert!(format!("{again:#}").contains("not empty"), "{again:#}");
    }

    #[test]
    fn what_a_killed_run_left_is_cleared_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let (out, part) = (dir.path().join("out"), dir.path().join("out.part"));
        fs::create_dir_all(part.join("labs")).unwrap();
        fs::write(part.join(FILE), "{}").unwrap();
        fs::create_dir(&out).unwrap();
        let begun = Part::begin(&out).unwrap();
        assert_eq!(fs::read_dir(&part).unwrap().count(), 0);
        let second = Part::begin(&out).err().unwrap();
        assert!(format!("{second:#}").contains("in use"), "{second:#}");
        begun.name().unwrap();
        assert!(out.is_dir() && !part.exists());

        fs::create_dir_all(part.join("thesis")).unwrap();
        let refused = Part::begin(&out).err().unwrap();
        assert!(format!("{refused:#}").contains("not mine"), "{refused:#}");
        assert!(part.join("thesis").is_dir());
    }
}

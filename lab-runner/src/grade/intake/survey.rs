//! A submission's folder -> the files that are to be taken, and what is not.
//! Nothing is read here but names and sizes, so no limit is learnt too late.

use std::collections::BTreeMap;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Error, anyhow};
use nix::dir::Dir;
use nix::sys::stat::{FileStat, SFlag, fstat};

use super::finding::{Finding, What};
use super::{Intake, name, open};

/// A regular file, as it was when it was looked at.
pub(super) struct Seen {
    pub(super) path: PathBuf,
    pub(super) stat: FileStat,
}

#[derive(Default)]
pub(super) struct Survey {
    pub(super) files: Vec<Seen>,
    pub(super) findings: Vec<Finding>,
    entries: usize,
    bytes: u64,
}

/// Why there is no survey.
pub(super) enum Stop {
    /// The submission can't be used at all.
    Refused(String),
    /// This machine could not do it.
    Failed(Error),
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Failed(error)
    }
}

impl Survey {
    pub(super) fn of(root: impl AsFd, limits: &Intake) -> Result<Survey, Stop> {
        let mut survey = Survey::default();
        survey.folder(root.as_fd(), Path::new("."), Path::new(""), limits)?;
        Ok(survey)
    }

    fn folder(
        &mut self,
        at: BorrowedFd<'_>,
        name: &Path,
        path: &Path,
        limits: &Intake,
    ) -> Result<(), Stop> {
        let opened = open::folder(at, name).and_then(Dir::from_fd);
        let mut folder = match opened {
            Ok(folder) => folder,
            Err(errno) => return self.could_not(path, errno),
        };
        let names = self.names(&mut folder, limits)?;
        let mut spellings = BTreeMap::<_, usize>::new();
        for name in &names {
            *spellings.entry(name.to_ascii_lowercase()).or_default() += 1;
        }
        for bytes in &names {
            let own = path.join(std::ffi::OsStr::from_bytes(bytes));
            match name::judge(bytes) {
                Err((what, why)) => self.find(&own, what, why),
                Ok(_) if spellings[&bytes.to_ascii_lowercase()] > 1 => self
                    .find(
                        &own,
                        What::NameClash,
                        "another name differs from it in capital letters only",
                    ),
                Ok(name) => {
                    self.entry(folder.as_fd(), name, &own, limits)?;
                }
            }
        }
        Ok(())
    }

    /// Sorted: no two machines list a folder in the same order.
    fn names(
        &mut self,
        folder: &mut Dir,
        limits: &Intake,
    ) -> Result<Vec<Vec<u8>>, Stop> {
        let mut names = Vec::new();
        for entry in folder.iter() {
            let entry = entry.context("list a folder of the submission")?;
            let name = entry.file_name().to_bytes();
            if [&b"."[..], b".."].contains(&name) {
                continue;
            }
            self.entries += 1;
            if self.entries > limits.entries {
                return Err(Stop::Refused(format!(
                    "it has more than {} files and folders",
                    limits.entries
                )));
            }
            names.push(name.to_vec());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn entry(
        &mut self,
        at: BorrowedFd<'_>,
        name: &str,
        path: &Path,
        limits: &Intake,
    ) -> Result<(), Stop> {
        let stat = match open::look(at, Path::new(name)).and_then(fstat) {
            Ok(stat) => stat,
            Err(errno) => return self.could_not(path, errno),
        };
        let (what, why) = match open::kind(&stat) {
            SFlag::S_IFDIR if path.components().count() < limits.depth => {
                return self.folder(at, Path::new(name), path, limits);
            }
            SFlag::S_IFDIR => (What::TooDeep, "folders in folders in folders"),
            SFlag::S_IFREG => return self.file(stat, name, path, limits),
            SFlag::S_IFLNK => (What::SymbolicLink, "links are not followed"),
            SFlag::S_IFIFO => (What::Fifo, "a fifo is no file"),
            SFlag::S_IFSOCK => (What::Socket, "a socket is no file"),
            _ => (What::Device, "a device is no file"),
        };
        self.find(path, what, why);
        Ok(())
    }

    fn file(
        &mut self,
        stat: FileStat,
        name: &str,
        path: &Path,
        limits: &Intake,
    ) -> Result<(), Stop> {
        let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
        if name::is_archive(name) {
            self.find(
                path,
                What::Archive,
                "archives are not unpacked: hand in the files themselves",
            );
        } else if stat.st_nlink > 1 {
            self.find(
                path,
                What::HardLink,
                "the file has another name, which may be in somebody else's \
                 folder. If a backup or a copy did that, copy the folder anew",
            );
        } else if size > limits.file_bytes {
            let most = limits.file_bytes;
            let why = format!("{size} bytes; a file may have {most}");
            self.find(path, What::TooLarge, why);
        } else {
            self.bytes += size;
            if self.bytes > limits.all_bytes {
                let most = limits.all_bytes;
                let why = format!("it has more than {most} bytes in all");
                return Err(Stop::Refused(why));
            }
            self.files.push(Seen { path: path.into(), stat });
        }
        Ok(())
    }

    fn could_not(
        &mut self,
        path: &Path,
        errno: nix::errno::Errno,
    ) -> Result<(), Stop> {
        match open::blame(errno) {
            Some((_, why)) if path.as_os_str().is_empty() => {
                Err(Stop::Refused(format!("it can't be opened: {why}")))
            }
            Some((what, why)) => {
                self.find(path, what, why);
                Ok(())
            }
            None => Err(Stop::Failed(anyhow!(
                "open {path:?} of the submission: {errno}"
            ))),
        }
    }

    fn find(&mut self, path: &Path, what: What, why: impl Into<String>) {
        let path = path.as_os_str().as_bytes();
        self.findings.push(Finding::new(path, what, why));
    }
}

//! A student's folder -> copies of its regular files in a folder of ours, and
//! what was left out.
//!
//! - `survey` looks at all there is, without reading any of it
//! - `copy`   reads what is taken, if it is still the same file
//!
//! After that nobody needs the submission any more: it can be changed, swapped
//! or removed, and what is graded stays as it is. Nothing outside the folder
//! is opened for reading, whatever lies in it; one that is given no rest while
//! it is looked at is told from one that is.

#[cfg(test)]
mod any_tree;
mod copy;
mod finding;
mod name;
mod open;
mod survey;
#[cfg(test)]
mod tests;

use std::fs::{self, DirBuilder};
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use nix::errno::Errno;
use nix::fcntl::{OFlag, open as open_path, openat};
use nix::sys::stat::{Mode, fchmod};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub(crate) use finding::{Finding, What};
use survey::{Stop, Survey};

/// How much a submission may have.
#[derive(Clone, Debug)]
pub(crate) struct Intake {
    /// Bytes of one file.
    pub(crate) file_bytes: u64,
    /// Bytes of all of them.
    pub(crate) all_bytes: u64,
    /// Files, folders and whatever else.
    pub(crate) entries: usize,
    /// Names in a path: 1 is a file in the folder itself.
    pub(crate) depth: usize,
}

impl Default for Intake {
    fn default() -> Intake {
        Intake {
            file_bytes: 4 << 20,
            all_bytes: 16 << 20,
            entries: 1000,
            depth: 8,
        }
    }
}

/// What is in the staging folder now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Taken {
    /// By path.
    pub(crate) files: Vec<TakenFile>,
    /// What was left out.
    pub(crate) findings: Vec<Finding>,
    /// Why nothing was taken, if the submission can't be used as a whole.
    pub(crate) refused: Option<String>,
    /// Of all paths and contents: another submission has another one.
    pub(crate) digest: String,
}

/// A copy: readable for everybody, executable for nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TakenFile {
    /// Relative; letters and digits of ASCII, `._-+@,()` and spaces, and no
    /// two that differ in capitals only.
    pub(crate) path: String,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Takes `submission`, a folder that its own name must lead to, into `stage`,
/// a new or empty folder. An error is this machine's, never the student's.
pub(crate) fn intake(
    submission: &Path,
    stage: &Path,
    limits: &Intake,
) -> Result<Taken> {
    let stage = fresh(stage)?;
    let root = match root(submission)? {
        Ok(root) => root,
        Err(why) => return Ok(refused(why, Vec::new())),
    };
    match Survey::of(&root, limits) {
        Ok(survey) => take(&root, survey, &stage),
        Err(Stop::Refused(why)) => Ok(refused(why, Vec::new())),
        Err(Stop::Failed(error)) => Err(error),
    }
}

fn take(root: &OwnedFd, survey: Survey, stage: &OwnedFd) -> Result<Taken> {
    let Survey { files: seen, mut findings, .. } = survey;
    let mut files = Vec::new();
    for one in seen {
        let path = one.path.to_string_lossy().into_owned();
        match copy::read(root, &one)? {
            Ok(bytes) => {
                copy::write(stage, &one.path, &bytes)?;
                let sha256 = hexadecimal(Sha256::digest(&bytes));
                let bytes = bytes.len() as u64;
                files.push(TakenFile { path, bytes, sha256 });
            }
            Err((what, why)) => {
                findings.push(Finding::new(path.as_bytes(), what, why));
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    findings.sort_by(|a, b| a.path.cmp(&b.path));
    let digest = digest(&files);
    Ok(Taken { files, findings, refused: None, digest })
}

fn refused(why: String, findings: Vec<Finding>) -> Taken {
    let refused = Some(why);
    Taken { files: Vec::new(), findings, refused, digest: digest(&[]) }
}

fn digest(files: &[TakenFile]) -> String {
    let mut all = Sha256::new();
    for file in files {
        all.update(format!("{}\0{}\n", file.path, file.sha256));
    }
    hexadecimal(all.finalize())
}

pub(super) fn hexadecimal(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The submission's folder, or what else it is.
fn root(submission: &Path) -> Result<Result<OwnedFd, String>> {
    let name = submission.file_name();
    let name = name.with_context(|| format!("{submission:?} has no name"))?;
    let above = submission.parent().filter(|p| !p.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    let folder = OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let at = open_path(above, folder | OFlag::O_PATH, Mode::empty())
        .with_context(|| format!("open {above:?}"))?;
    match openat(&at, name, folder | OFlag::O_NOFOLLOW, Mode::empty()) {
        Ok(root) => Ok(Ok(root)),
        Err(Errno::ENOTDIR | Errno::ELOOP) => {
            let why = match fs::symlink_metadata(submission) {
                Ok(found) if found.is_symlink() => "a symbolic link",
                _ => "no folder",
            };
            Ok(Err(format!("it is {why}")))
        }
        Err(Errno::EACCES) => Ok(Err("it may not be read".into())),
        Err(errno) => bail!("open {submission:?}: {errno}"),
    }
}

/// Opens a file below a folder of ours for reading; follows no link, and leads
/// nowhere else.
pub(super) fn open_beneath(folder: &Path, path: &Path) -> Result<fs::File> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_PATH | OFlag::O_CLOEXEC;
    let at = open_path(folder, flags, Mode::empty())
        .with_context(|| format!("open {}", folder.display()))?;
    let file = open::read(&at, path).map_err(|errno| match errno {
        Errno::EXDEV | Errno::ELOOP => anyhow!("it leads elsewhere"),
        other => anyhow!("{}", other.desc()),
    })?;
    Ok(fs::File::from(file))
}

/// Ours, and empty.
fn fresh(stage: &Path) -> Result<OwnedFd> {
    let doing = || format!("make the staging folder {stage:?}");
    match DirBuilder::new().mode(0o755).create(stage) {
        Err(e) if e.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(e).with_context(doing);
        }
        _ => {}
    }
    let careful = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let opened = open_path(stage, careful, Mode::empty());
    let opened = opened.with_context(doing)?;
    let is_empty = fs::read_dir(stage).with_context(doing)?.next().is_none();
    ensure!(is_empty, "the staging folder {stage:?} is there, and not empty");
    fchmod(&opened, Mode::from_bits_truncate(0o755)).with_context(doing)?;
    Ok(opened)
}

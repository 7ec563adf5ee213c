//! A run -> the accepted snapshot, its pcap and its notes, each whole or not
//! there at all.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use lab_kit::figure::Drawn;
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::linkat;

use super::given::{self, given};
use super::snapshot::{Accepted, Comparison};
use crate::discover::Lab;
use crate::run::Run;

/// Keeps a run as the accepted one of this name; with the reason, if it is
/// kept beside the experiment's own.
pub(crate) fn keep(
    lab: &Lab,
    run: &Run,
    name: &str,
    reason: Option<&str>,
) -> Result<PathBuf> {
    let path = lab.kept(name, "snap");
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)
            .with_context(|| format!("make {}", dir.display()))?;
    }
    let notes = serde_json::to_string_pretty(&run.notes)? + "\n";
    let text = snap(lab, run, reason);
    let captures = run.pcaps.iter().enumerate().map(|(n, bytes)| {
        let path = lab.kept(name, &run.notes.seen.ending(n));
        Written::new(path, bytes)
    });
    let mut all = captures.collect::<Result<Vec<_>>>()?;
    all.push(Written::new(lab.kept(name, "notes.json"), notes.as_bytes())?);
    all.push(Written::new(path.clone(), text.as_bytes())?);
    let figures = lab.kept(name, "figures.json");
    match run.figures.is_empty() {
        true => drop(fs::remove_file(figures)),
        false => {
            let text = serde_json::to_string_pretty(&run.figures)? + "\n";
            all.push(Written::new(figures, text.as_bytes())?);
        }
    }
    if let Some(ladder) = given(run) {
        let text = serde_json::to_string_pretty(&ladder)? + "\n";
        let path = given::path(lab, name);
        all.push(Written::new(path, text.as_bytes())?);
    }
    // All of them are on the disk: none is replaced if one has no room.
    all.into_iter().try_for_each(Written::name)?;
    let _ = fs::remove_file(path.with_extension("snap.new"));
    Ok(path)
}

/// The figures that were kept with a run; none if there are none.
pub(crate) fn kept_figures(lab: &Lab, name: &str) -> Vec<Drawn> {
    let text = fs::read(lab.kept(name, "figures.json")).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Leaves the text as `.snap.new`, for `cargo insta review`, beside the trace
/// that it isn't.
pub(crate) fn propose(lab: &Lab, run: &Run) -> Result<PathBuf> {
    let (path, reason) = match &run.comparison {
        Comparison::Differs { path, .. } => {
            (path.with_extension("snap.new"), Accepted::read(path)?.reason)
        }
        _ => (lab.kept(&run.plan.name, "snap.new"), None),
    };
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    write_whole(&path, snap(lab, run, reason.as_deref()).as_bytes())?;
    Ok(path)
}

pub(crate) fn snap(lab: &Lab, run: &Run, reason: Option<&str>) -> String {
    let info = reason.map_or(String::new(), |reason| {
        let reason = serde_json::Value::from(reason);
        format!("info:\n  reason: {reason}\n")
    });
    format!(
        "---\nsource: {}\ndescription: accepted on Linux {}\nexpression: \
         {}/{}\n{info}---\n{}\n",
        run.plan.source,
        run.notes.seen.kernel,
        lab.described.name,
        run.plan.name,
        run.text
    )
}

/// Writes a file so that it is whole or not there, even after SIGKILL.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    Written::new(path.into(), bytes)?.name()
}

/// The same, for what can be made again: it doesn't wait for the disk, so a
/// machine that loses its power may lose what is in the file.
pub(crate) fn write_for_now(path: &Path, bytes: &[u8]) -> Result<()> {
    Written::unsynced(path.into(), bytes)?.name()
}

/// A file on the disk that has no name yet.
struct Written {
    path: PathBuf,
    file: Unnamed,
}

enum Unnamed {
    Open(File),
    /// No O_TMPFILE here (some shared folders): a name beside it.
    Beside(PathBuf),
}

impl Written {
    fn new(path: PathBuf, bytes: &[u8]) -> Result<Written> {
        let written = Written::unsynced(path, bytes)?;
        if let Unnamed::Open(file) = &written.file {
            let tried = || format!("write {}", written.path.display());
            file.sync_data().with_context(tried)?;
        }
        Ok(written)
    }

    fn unsynced(path: PathBuf, bytes: &[u8]) -> Result<Written> {
        let tried = || format!("write {}", path.display());
        let dir = path.parent().filter(|p| !p.as_os_str().is_empty());
        let dir = dir.unwrap_or(Path::new("."));
        let unnamed = File::options()
            .write(true)
            .custom_flags(libc::O_TMPFILE)
            .mode(0o644)
            .open(dir);
        let file = match unnamed {
            Ok(mut file) => {
                file.write_all(bytes).with_context(tried)?;
                Unnamed::Open(file)
            }
            Err(_) => {
                let mut beside = path.clone().into_os_string();
                beside.push(".part");
                let beside = PathBuf::from(beside);
                fs::write(&beside, bytes)
                    .inspect_err(|_| drop(fs::remove_file(&beside)))
                    .with_context(tried)?;
                Unnamed::Beside(beside)
            }
        };
        Ok(Written { path, file })
    }

    fn name(mut self) -> Result<()> {
        let path = self.path.clone();
        self.link().with_context(|| format!("write {}", path.display()))
    }

    fn link(&mut self) -> Result<()> {
        let file = match &self.file {
            Unnamed::Beside(beside) => {
                return Ok(fs::rename(beside, &self.path)?);
            }
            Unnamed::Open(file) => file,
        };
        let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
        let follow = AtFlags::AT_SYMLINK_FOLLOW;
        let to = self.path.as_path();
        loop {
            match fs::remove_file(to) {
                Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
                    return Err(e.into());
                }
                _ => {}
            }
            match linkat(AT_FDCWD, unnamed.as_str(), AT_FDCWD, to, follow) {
                // Somebody else wrote it just now: the last one holds.
                Err(Errno::EEXIST) => {}
                done => return Ok(done?),
            }
        }
    }
}

/// One that got no name is not left beside the others.
impl Drop for Written {
    fn drop(&mut self) {
        if let Unnamed::Beside(beside) = &self.file {
            let _ = fs::remove_file(beside);
        }
    }
}

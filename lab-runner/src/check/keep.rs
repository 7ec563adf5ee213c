//! A run -> the accepted snapshot, its pcap and its notes, each whole or not
//! there at all.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use nix::fcntl::{AT_FDCWD, AtFlags};

use crate::discover::Lab;
use crate::run::Run;

/// Keeps a run as the accepted one, or as that of a variant.
pub(crate) fn keep(
    lab: &Lab,
    run: &Run,
    variant: Option<&str>,
) -> Result<PathBuf> {
    let name = match variant {
        Some(variant) => format!("{}@{variant}", run.plan.name),
        None => run.plan.name.clone(),
    };
    let path = lab.kept(&name, "snap");
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)
            .with_context(|| format!("make {}", dir.display()))?;
    }
    for (n, bytes) in run.pcaps.iter().enumerate() {
        write_whole(&lab.kept(&name, &pcap_ending(run, n)), bytes)?;
    }
    let notes = serde_json::to_string_pretty(&run.notes)? + "\n";
    write_whole(&lab.kept(&name, "notes.json"), notes.as_bytes())?;
    write_whole(&path, snap(lab, run).as_bytes())?;
    let _ = fs::remove_file(path.with_extension("snap.new"));
    Ok(path)
}

/// `pcap` for the first tap, `server.pcap` for another.
fn pcap_ending(run: &Run, tap: usize) -> String {
    match tap {
        0 => "pcap".into(),
        n => format!("{}.pcap", run.notes.taps[n].host),
    }
}

/// Leaves the text as `.snap.new`, for `cargo insta review`.
pub(crate) fn propose(lab: &Lab, run: &Run) -> Result<PathBuf> {
    let path = lab.kept(&run.plan.name, "snap.new");
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    write_whole(&path, snap(lab, run).as_bytes())?;
    Ok(path)
}

fn snap(lab: &Lab, run: &Run) -> String {
    format!(
        "---\nsource: {}\ndescription: accepted on Linux {}\nexpression: \
         {}/{}\n---\n{}\n",
        run.plan.source,
        run.notes.kernel,
        lab.described.name,
        run.plan.name,
        run.text
    )
}

/// Writes a file so that it is whole or not there, even after SIGKILL: first
/// without a name, then with one.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let tried = || format!("write {}", path.display());
    let dir = path.parent().filter(|p| !p.as_os_str().is_empty());
    let dir = dir.unwrap_or(Path::new("."));
    let unnamed = File::options()
        .write(true)
        .custom_flags(libc::O_TMPFILE)
        .mode(0o644)
        .open(dir);
    let Ok(mut file) = unnamed else {
        // No O_TMPFILE here (some shared folders): a name, then another.
        let beside = path.with_extension("part");
        let written =
            fs::write(&beside, bytes).and_then(|()| fs::rename(&beside, path));
        if written.is_err() {
            let _ = fs::remove_file(&beside);
        }
        return written.with_context(tried);
    };
    file.write_all(bytes)
        .and_then(|()| file.sync_data())
        .with_context(tried)?;
    match fs::remove_file(path) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            return Err(e).with_context(tried);
        }
        _ => {}
    }
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    nix::unistd::linkat(
        AT_FDCWD,
        unnamed.as_str(),
        AT_FDCWD,
        path,
        AtFlags::AT_SYMLINK_FOLLOW,
    )
    .with_context(tried)
}

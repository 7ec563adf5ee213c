//! Key, value -> a sysctl of the namespace that this thread is in, written
//! and read back.

use std::fs::{self, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use lab_kit::names::distance;

const ROOT: &str = "/proc/sys";
/// The kernel clears as many bytes as it is asked for; a value that is longer
/// than this and than the one wanted is cut, and another anyway.
const USUAL: usize = 128;
const SUGGESTIONS: usize = 3;

/// `net.ipv4.tcp_sack` -> `/proc/sys/net/ipv4/tcp_sack`, and nothing outside
/// `/proc/sys/net`.
pub(super) fn path(key: &str) -> Result<PathBuf> {
    ensure!(
        key.starts_with("net."),
        "{key} is not a sysctl of a network namespace: those start with net."
    );
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    ensure!(
        key.chars().all(plain) && key.split('.').all(|part| !part.is_empty()),
        "{key:?} is not the name of a sysctl: names are words joined by dots"
    );
    Ok(Path::new(ROOT).join(key.replace('.', "/")))
}

#[cfg(test)]
pub(super) fn exists(key: &str) -> bool {
    path(key).is_ok_and(|path| path.is_file())
}

/// Writes, reads back, and insists that the kernel kept the value; false if
/// there is no such sysctl here.
pub(super) fn set_if_there(key: &str, value: &str) -> Result<bool> {
    make_it(key, value, write_and_read)
}

/// The same, but what is so already isn't written. Most are: it saves a quarter
/// of the time that pins take.
pub(super) fn pin_if_there(key: &str, value: &str) -> Result<bool> {
    make_it(key, value, |file, value| {
        let found = read(file, value)?;
        match same(&found, value) {
            true => Ok(found),
            false => write_and_read(file, value),
        }
    })
}

fn make_it(
    key: &str,
    value: &str,
    act: impl FnOnce(&File, &str) -> std::io::Result<String>,
) -> Result<bool> {
    let path = path(key)?;
    let file = OpenOptions::new().read(true).write(true).open(&path);
    let kept = match file.and_then(|file| act(&file, value)) {
        Ok(kept) => kept,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return if path.exists() {
                refused(error, &path)
            } else {
                Ok(false)
            };
        }
        Err(error) => return refused(error, &path),
    };
    ensure!(
        same(&kept, value),
        "the kernel didn't keep {key}={value}: it says {:?}; write a value \
         as {} shows it",
        kept.split_whitespace().collect::<Vec<_>>().join(" "),
        path.display()
    );
    Ok(true)
}

/// `write()` says that there's no such file when it means the value: no such
/// congestion control.
fn refused(error: std::io::Error, path: &Path) -> Result<bool> {
    let hint = match error.kind() {
        ErrorKind::PermissionDenied => "read-only, or the whole machine's",
        ErrorKind::InvalidInput => "out of range, or not what it takes",
        ErrorKind::NotFound => "the kernel doesn't know this value",
        _ => "the kernel refused",
    };
    Err(error).with_context(|| format!("write {}: {hint}", path.display()))
}

fn write_and_read(file: &File, value: &str) -> std::io::Result<String> {
    file.write_all_at(value.as_bytes(), 0)?;
    read(file, value)
}

fn read(file: &File, wanted: &str) -> std::io::Result<String> {
    let mut kept = vec![0; USUAL.max(2 * wanted.len())];
    let length = file.read_at(&mut kept, 0)?;
    Ok(String::from_utf8_lossy(&kept[..length]).into_owned())
}

/// Tabs or spaces, and a line's end or none.
fn same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

/// Existing names that a wrong one may have meant, nearest first.
pub(super) fn near(key: &str) -> Vec<String> {
    let Ok(path) = path(key) else { return Vec::new() };
    let Some(folder) = path.ancestors().skip(1).find(|p| p.is_dir()) else {
        return Vec::new();
    };
    let known = key.split('.').take(folder.components().count() - 3);
    let prefix = known.collect::<Vec<_>>().join(".");
    let rest = key[prefix.len()..].trim_start_matches('.');
    let wrong = rest.split('.').next().unwrap_or_default();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .map(|name| (distance(&name, wrong), name))
        .collect();
    names.sort();
    let near = names.into_iter().take(SUGGESTIONS);
    near.map(|(_, name)| format!("{prefix}.{name}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_in_proc_sys_net() {
        let found = path("net.ipv4.conf.eth0.rp_filter").unwrap();
        let wanted = "/proc/sys/net/ipv4/conf/eth0/rp_filter";
        assert_eq!(found, Path::new(wanted));
        for bad in [
            "kernel.hostname",
            "net...kernel.hostname",
            "net.ipv4/../../kernel/hostname",
            "net.",
            "net.ipv4.tcp_sack ",
            "/etc/passwd",
        ] {
            assert!(path(bad).is_err(), "{bad} was taken");
        }
    }

    #[test]
    fn a_typing_error_finds_its_sysctl() {
        assert_eq!(near("net.ipv4.tcp_sak")[0], "net.ipv4.tcp_sack");
        assert_eq!(near("net.ipv5.tcp_sack")[0], "net.ipv4");
    }
}

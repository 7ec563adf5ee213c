//! Key, value -> a sysctl of the namespace that this thread is in, written
//! and read back.

use std::fs::{self, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

const ROOT: &str = "/proc/sys";
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

pub(super) fn exists(key: &str) -> bool {
    path(key).is_ok_and(|path| path.is_file())
}

/// Writes, reads back, and insists that the kernel kept the value.
pub(super) fn set(key: &str, value: &str) -> Result<()> {
    let path = path(key)?;
    let kept = write_and_read(&path, value).with_context(|| {
        format!("set {key} to {value:?} by {}", path.display())
    })?;
    if words(&kept) != words(value) {
        bail!(
            "the kernel didn't keep {key}={value}: it says {:?}; write a \
             value as {} shows it",
            words(&kept).join(" "),
            path.display()
        );
    }
    Ok(())
}

fn write_and_read(path: &Path, value: &str) -> Result<String> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.write_all(value.as_bytes())?;
    file.rewind()?;
    let mut kept = String::new();
    file.read_to_string(&mut kept)?;
    Ok(kept)
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
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

/// Levenshtein's: how many letters differ.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, other) in b.iter().enumerate() {
            let replaced = corner + usize::from(letter != *other);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("tcp_sack", "tcp_sack"), 0);
        assert_eq!(distance("tcp_sack", "tcp_sak"), 1);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

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

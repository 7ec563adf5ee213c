//! A folder -> its bytes, captures apart, and whether they are too many.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::problem::Problem;

/// The most that the whole site may weigh, captures apart.
pub const LIMIT: u64 = 5_000_000;

/// The bytes of all files below a folder but captures.
pub(crate) fn weigh(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    let entries = fs::read_dir(folder)
        .with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        let capture = path.extension().is_some_and(|e| {
            ["pcap", "pcapng"].iter().any(|known| e == *known)
        });
        sum += match entry.file_type()?.is_dir() {
            true => weigh(&path)?,
            false if capture => 0,
            false => entry.metadata()?.len(),
        };
    }
    Ok(sum)
}

pub(super) fn too_heavy(bytes: u64) -> Option<Problem> {
    (bytes > LIMIT).then(|| Problem {
        file: PathBuf::from("the site"),
        line: 0,
        what: format!(
            "weighs {bytes} bytes without captures, {LIMIT} at most; \
             `du -ab target/book | sort -n | tail` names the heaviest"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn captures_do_not_count_and_one_byte_too_many_does() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: usize| {
            fs::write(folder.path().join(name), vec![b'x'; bytes]).unwrap();
        };
        fs::create_dir(folder.path().join("models")).unwrap();
        write("a.html", 300);
        write("models/b.js", 20);
        write("c.pcap", 9000);
        assert_eq!(weigh(folder.path()).unwrap(), 320);
        assert!(too_heavy(LIMIT).is_none());
        let problem = too_heavy(LIMIT + 1).unwrap().to_string();
        assert!(problem.contains("5000001 bytes"), "{problem}");
    }
}

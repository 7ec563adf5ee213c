//! Processes that a test started, told from others' by a variable in their
//! environment.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

pub(crate) fn processes() -> Vec<PathBuf> {
    let all = fs::read_dir("/proc").expect("/proc").flatten();
    let number = |p: &PathBuf| {
        let name = p.file_name().unwrap_or_default().to_string_lossy();
        name.bytes().all(|b| b.is_ascii_digit())
    };
    all.map(|entry| entry.path()).filter(number).collect()
}

/// Processes that this test's runner started, itself too.
pub(crate) fn ours(mark: &str) -> Vec<PathBuf> {
    let marked = |p: &PathBuf| {
        let environ = fs::read(p.join("environ")).unwrap_or_default();
        environ.split(|&b| b == 0).any(|var| var == mark.as_bytes())
    };
    processes().into_iter().filter(marked).collect()
}

/// Polls for a condition that comes by and by: the kernel takes namespaces
/// apart in the background.
pub(crate) fn soon(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        let waited = start.elapsed();
        assert!(waited < Duration::from_secs(10), "10 s later: {what}");
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

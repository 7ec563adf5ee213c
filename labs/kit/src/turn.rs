//! Knobs that a program turns itself, in the middle of a run.

use std::fmt::Display;
use std::fs;

use anyhow::{Context, Result, ensure};

use crate::net::Net;

impl Net {
    /// Sets a `net.*` sysctl of the host that we are just now, and reads it
    /// back. For experiments whose subject is a table of settings; a setting
    /// that holds for the whole run is `Experiment::knob`.
    ///
    /// # Errors
    /// If this kernel has no such sysctl, or keeps another value.
    pub fn turn(&self, key: &str, value: impl Display) -> Result<()> {
        let path = file(key)?;
        let value = value.to_string();
        fs::write(&path, &value)
            .with_context(|| format!("write {value:?} to {path}"))?;
        let kept = fs::read_to_string(&path)
            .with_context(|| format!("read {path} back"))?;
        let kept = kept.trim();
        ensure!(kept == value, "{key}: wrote {value:?}, it is {kept:?}");
        Ok(())
    }
}

/// Where a sysctl is found: /proc/sys shows each thread the `net` of the
/// network namespace that it is in.
fn file(key: &str) -> Result<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    ensure!(
        key.starts_with("net.") && key.chars().all(plain),
        "{key:?} is no sysctl of a network namespace"
    );
    Ok(format!("/proc/sys/{}", key.replace('.', "/")))
}

#[cfg(test)]
mod tests {
    use super::file;

    #[test]
    fn only_the_networks_own_sysctls_have_a_file() {
        let reuse = file("net.ipv4.tcp_tw_reuse").unwrap();
        assert_eq!(reuse, "/proc/sys/net/ipv4/tcp_tw_reuse");
        assert!(file("kernel.panic").is_err());
        assert!(file("net.ipv4/../../kernel.panic").is_err());
    }
}

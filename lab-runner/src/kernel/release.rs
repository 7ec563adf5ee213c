//! Which kernel this is.

/// `uname -r`; empty if it can't be asked.
pub(crate) fn release() -> String {
    let name = nix::sys::utsname::uname();
    name.map_or(String::new(), |n| n.release().to_string_lossy().into())
}

/// `6.18.44-x` -> (6, 18).
pub(crate) fn version(release: &str) -> (u32, u32) {
    let mut numbers = release.split(['.', '-']).map(|n| n.parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_is_more_than_nine() {
        assert!(version("6.10.3-amd64") > version("6.9.12"));
        assert!(version("6.1.0-28-amd64") < (6, 14));
        assert_eq!(version("lorem"), (0, 0));
    }
}

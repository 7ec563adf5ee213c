//! How long everything may take, on a machine that is slower than most.

use std::time::Duration;

/// How many times as long: `LAB_PATIENCE=6` for an emulated machine.
const PATIENCE: &str = "LAB_PATIENCE";

/// A limit for this machine. For limits only, which end what hangs: a pause
/// that an experiment makes is as long everywhere.
pub fn patient(limit: Duration) -> Duration {
    limit * times(std::env::var(PATIENCE).ok().as_deref())
}

fn times(asked: Option<&str>) -> u32 {
    asked.and_then(|text| text.parse().ok()).unwrap_or(1).clamp(1, 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_has_less_patience_than_usual() {
        let all = [None, Some("6"), Some("0"), Some("x"), Some("1000000")];
        assert_eq!(all.map(times), [1, 6, 1, 1, 100]);
    }
}

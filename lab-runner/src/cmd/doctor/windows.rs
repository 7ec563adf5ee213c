//! The machine's largest receive buffer -> whether windows are scaled as in
//! the accepted traces.

use super::{Look, lack, read};

/// From here on `tcp_select_initial_window` scales by 8 bits and more. Below,
/// the 6 MiB that each lab's `tcp_rmem` is pinned to decide: 7 bits.
const SCALES_BY_EIGHT: u64 = 8 << 20;

const KNOB: &str = "/proc/sys/net/core/rmem_max";

pub(super) fn windows() -> Look {
    let bytes = read(KNOB).and_then(|text| text.parse().ok()).unwrap_or(0);
    Look { name: "windows", needed: false, found: judged(bytes) }
}

fn judged(bytes: u64) -> Result<String, super::Lack> {
    if bytes < SCALES_BY_EIGHT {
        return Ok(format!("net.core.rmem_max {bytes}: scaled by 7 bits"));
    }
    lack(
        format!("net.core.rmem_max is {bytes}: scaled by 8 bits or more"),
        "windows are rounded otherwise than in four traces of chapter 2, \
         whose snapshots differ; the claims hold",
        "sysctl -w net.core.rmem_max=4194304: it is the whole machine's, and \
         no lab changes it",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_mebibytes_are_too_many() {
        assert!(judged((8 << 20) - 1).is_ok());
        assert!(judged(8 << 20).is_err());
    }
}

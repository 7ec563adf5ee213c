//! The clock that frames and marks are stamped by, and whether somebody set it
//! during a run.

use std::time::{Duration, Instant};

use nix::time::{ClockId, clock_gettime};

/// A step shorter than this moves no mark past a frame that matters.
const STEP: i64 = 1_000_000;

/// CLOCK_REALTIME, which libpcap's stamps are in too, in nanoseconds.
pub(in crate::stage) fn now() -> i64 {
    let t = clock_gettime(ClockId::CLOCK_REALTIME);
    t.map_or(0, |t| t.tv_sec() * 1_000_000_000 + t.tv_nsec())
}

/// Both clocks at one moment.
pub(super) struct Clock {
    realtime: i64,
    monotonic: Instant,
}

impl Clock {
    pub(super) fn start() -> Clock {
        let (realtime, monotonic) = both();
        Clock { realtime, monotonic }
    }

    /// Whether the two clocks have gone apart since.
    pub(super) fn was_stepped(&self) -> bool {
        let (realtime, monotonic) = both();
        let elapsed = monotonic.duration_since(self.monotonic);
        let apart = realtime - self.realtime - elapsed.as_nanos() as i64;
        apart.abs() > STEP
    }
}

/// Read one after the other; again if something came between.
fn both() -> (i64, Instant) {
    loop {
        let before = Instant::now();
        let realtime = now();
        if before.elapsed() < Duration::from_micros(200) {
            return (realtime, before);
        }
    }
}

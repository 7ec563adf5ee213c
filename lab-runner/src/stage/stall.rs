//! How long the machine stood still: the worst lateness of a 1 ms sleeper.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};

pub(super) struct Stall {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<Duration>,
}

impl Stall {
    /// Starts the sleeper, in a thread of its own.
    pub(super) fn watch() -> Stall {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut worst = Duration::ZERO;
            while !seen.load(Ordering::Relaxed) {
                let start = Instant::now();
                // pause: its lateness is what is measured
                let _ = poll(&mut [], PollTimeout::from(1u8));
                let late =
                    start.elapsed().saturating_sub(Duration::from_millis(1));
                worst = worst.max(late);
            }
            worst
        });
        Stall { stop, thread }
    }

    /// The worst lateness since the start.
    pub(super) fn worst(self) -> Duration {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap_or_default()
    }
}

//! How long the machine stood still: the worst lateness of a 1 ms sleeper.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};

const NAP: Duration = Duration::from_millis(1);

pub(super) struct Stall(Arc<Mutex<Sleeper>>);

struct Sleeper {
    asleep_since: Instant,
    worst: Duration,
    /// Nobody wants to know more.
    dismissed: bool,
}

impl Sleeper {
    fn look(&mut self) {
        let late = self.asleep_since.elapsed().saturating_sub(NAP);
        self.worst = self.worst.max(late);
    }
}

impl Stall {
    /// Starts the sleeper, in a thread of its own.
    pub(super) fn watch() -> Stall {
        let sleeper = Sleeper {
            asleep_since: Instant::now(),
            worst: Duration::ZERO,
            dismissed: false,
        };
        let stall = Stall(Arc::new(Mutex::new(sleeper)));
        let own = Stall(stall.0.clone());
        std::thread::spawn(move || {
            while own.with(|sleeper| !sleeper.dismissed) {
                own.with(|sleeper| sleeper.asleep_since = Instant::now());
                // pause: its lateness is what is measured
                let _ = poll(&mut [], PollTimeout::from(1u8));
                own.with(Sleeper::look);
            }
        });
        stall
    }

    /// The worst lateness since the start. The sleeper is not waited for: what
    /// it is late by now counts.
    pub(super) fn worst(self) -> Duration {
        self.with(|sleeper| {
            sleeper.dismissed = true;
            sleeper.look();
            sleeper.worst
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Sleeper) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

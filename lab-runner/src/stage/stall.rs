//! How long the machine stood still: how late a 1 ms sleeper was at worst, and
//! for how long it was so late that nobody can have done anything.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollTimeout, poll};

const NAP: Duration = Duration::from_millis(1);
/// A busy machine is late by less.
const STANDSTILL: Duration = Duration::from_millis(250);

pub(super) struct Stall(Arc<Mutex<Sleeper>>);

struct Sleeper {
    asleep_since: Instant,
    worst: Duration,
    stood_still: Duration,
    /// Nobody wants to know more.
    dismissed: bool,
}

impl Sleeper {
    fn late(&self) -> Duration {
        self.asleep_since.elapsed().saturating_sub(NAP)
    }

    fn wake(&mut self) {
        self.worst = self.worst.max(self.late());
        self.stood_still += standstill(self.late());
    }
}

/// All of it, or what is usual.
fn standstill(late: Duration) -> Duration {
    if late < STANDSTILL { Duration::ZERO } else { late }
}

impl Stall {
    /// Starts the sleeper, in a thread of its own.
    pub(super) fn watch() -> Stall {
        let sleeper = Sleeper {
            asleep_since: Instant::now(),
            worst: Duration::ZERO,
            stood_still: Duration::ZERO,
            dismissed: false,
        };
        let stall = Stall(Arc::new(Mutex::new(sleeper)));
        let own = Stall(stall.0.clone());
        std::thread::spawn(move || {
            while own.with(|sleeper| !sleeper.dismissed) {
                own.with(|sleeper| sleeper.asleep_since = Instant::now());
                // pause: its lateness is what is measured
                let _ = poll(&mut [], PollTimeout::from(1u8));
                own.with(Sleeper::wake);
            }
        });
        stall
    }

    /// The worst lateness since the start. The sleeper is not waited for: what
    /// it is late by now counts.
    pub(super) fn worst(&self) -> Duration {
        self.with(|sleeper| {
            sleeper.dismissed = true;
            sleeper.worst.max(sleeper.late())
        })
    }

    /// How long, all in all: a virtual machine was paused, say.
    pub(super) fn stood_still(&self) -> Duration {
        self.with(|sleeper| sleeper.stood_still + standstill(sleeper.late()))
    }

    /// Somebody who answers at once took so long: the kernel kept a lock from
    /// all (RTNL, with its own threads starved), and the sleeper slept well.
    pub(super) fn was_held_up(&self, took: Duration) {
        let late = standstill(took);
        self.with(|sleeper| {
            sleeper.worst = sleeper.worst.max(late);
            sleeper.stood_still += late;
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Sleeper) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

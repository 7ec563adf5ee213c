//! Guests of a server that is somebody's answer, one after another: what each
//! was told, and whom the kernel woke for it.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use anyhow::Result;
use lab_kit::{Evidence, Finding, Guest, Net, Sleeps, woken};

use crate::tally::Tally;

/// Nobody can count who is woken among those who never sleep.
const NEVER: &str = "some-never-slept";

/// A server that is somebody's answer, and what its guests have met so far.
pub(crate) struct Visits<'a> {
    net: &'a Net,
    pub(crate) here: SocketAddr,
    first: Sleeps,
    workers: BTreeSet<u32>,
    tally: Tally,
}

impl<'a> Visits<'a> {
    /// Starts the answer, which is told where to listen.
    pub(crate) fn begin(net: &'a Net) -> Result<Visits<'a>> {
        let here = net.on("server", || net.here(7000));
        net.on("server", || net.answer(&[&here.to_string()]))?;
        let first = net.still()?.unwrap_or_default();
        let (workers, tally) = (BTreeSet::new(), Tally::default());
        Ok(Visits { net, here, first, workers, tally })
    }

    /// A guest asks, and goes. The answer is kept under this key.
    pub(crate) fn visit(&mut self, key: &str) -> Result<()> {
        let before = self.net.still()?;
        let mut guest = Guest::call(self.net, "client", self.here, b"?")?;
        let count = match (before, guest.sleeps()) {
            (Some(before), Some(after)) => {
                let woken = woken(&before, after);
                let old = woken.iter().filter(|t| self.first.contains_key(t));
                self.workers.extend(old);
                woken.len().to_string()
            }
            _ => NEVER.into(),
        };
        self.tally.add("server", &format!("woken, {key}"), count);
        self.tally.add("client", key, guest.told().replace(' ', "_"));
        Ok(())
    }

    /// Keeps all as evidence.
    pub(crate) fn observe(self) -> Result<()> {
        let workers = self.workers.len();
        self.net.on("server", || self.net.observe("workers", workers))?;
        self.tally.observe(self.net)
    }
}

/// So many guests have been told the number of a worker, 0 to 3.
pub(crate) fn served(run: &Evidence, key: &str, guests: usize) -> Finding {
    let kept = run.observed("client", key);
    let numbers: Vec<&str> = kept.text().split(' ').collect();
    let known = ["0", "1", "2", "3"];
    let holds =
        numbers.len() == guests && numbers.iter().all(|n| known.contains(n));
    let wanted = format!("{key}: {guests} times a worker's number");
    Finding::new(holds, wanted, kept.text())
}

//! No job yet -> what most runs begin with: two hosts, a cable, and a capture
//! that is live, which the kernel takes longer for than for all else of a run.
//!
//! It serves one run, or none: a plan that wants another network gets it built.

use anyhow::{Context, Result, anyhow};
use lab_kit::LinkKind;
use pcap::{Active, Capture};

use super::capture;
use super::job::{Job, SMALL_ROOM, mtu_of, taps_of};
use crate::topology::{self, Network};

pub(super) struct Ahead {
    network: topology::Ahead,
    capture: Capture<Active>,
}

impl Ahead {
    pub(super) fn make() -> Result<Ahead> {
        let network = topology::ahead()?;
        let (plan, built) = (network.plan(), network.network());
        let tap = taps_of(plan).into_iter().next().context("a tap")?;
        let (host, end) =
            built.end(&tap.host, tap.link).context("a tapped host")?;
        let (fd, device) = (host.namespace.fd(), end.device.as_str());
        let mtu = mtu_of(LinkKind::Cable);
        let live = || capture::live(fd, device, mtu, SMALL_ROOM);
        // In a thread, which stays in the host's namespace and ends.
        let opened = std::thread::scope(|scope| scope.spawn(live).join());
        let capture = opened.map_err(|_| anyhow!("a capture panicked"))??;
        Ok(Ahead { network, capture })
    }

    /// Whether a job's run can begin with it.
    pub(super) fn serves(job: &Job) -> bool {
        job.room == SMALL_ROOM && topology::is_usual(&job.plan, &job.knobs)
    }

    /// The network of a job that it serves, and its capture.
    pub(super) fn becomes(
        self,
        job: &Job,
    ) -> Result<(Network, Capture<Active>)> {
        let network = self.network.becomes(&job.plan, &job.knobs)?;
        Ok((network, self.capture))
    }
}

//! No job yet -> what most runs begin with: two hosts, a cable, and a capture
//! that is being opened, which takes the kernel longer than all else of a run.
//!
//! It serves one run, or none: a plan that wants another network gets it built.

use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use lab_kit::LinkKind;
use pcap::{Active, Capture};

use super::capture;
use super::job::{Job, SMALL_ROOM, mtu_of, taps_of};
use crate::topology::{self, Network};

/// A capture that is live when its thread has ended.
pub(super) type Opening = JoinHandle<Result<Capture<Active>>>;

pub(super) struct Ahead {
    network: topology::Ahead,
    opening: Opening,
}

impl Ahead {
    pub(super) fn make() -> Result<Ahead> {
        let network = topology::ahead()?;
        let (plan, built) = (network.plan(), network.network());
        let tap = taps_of(plan).into_iter().next().context("a tap")?;
        let (host, end) =
            built.end(&tap.host, tap.link).context("a tapped host")?;
        let fd = host.namespace.fd().try_clone_to_owned()?;
        let (device, mtu) = (end.device.clone(), mtu_of(LinkKind::Cable));
        let live = move || capture::live(&fd, &device, mtu, SMALL_ROOM);
        let opening = thread::Builder::new().spawn(live)?;
        Ok(Ahead { network, opening })
    }

    /// Whether a job's run can begin with it.
    pub(super) fn serves(job: &Job) -> bool {
        job.room == SMALL_ROOM && topology::is_usual(&job.plan, &job.knobs)
    }

    /// The network of a job that it serves, and its capture.
    pub(super) fn becomes(self, job: &Job) -> (Network, Opening) {
        (self.network.becomes(&job.plan), self.opening)
    }
}

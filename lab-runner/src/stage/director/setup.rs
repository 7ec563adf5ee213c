//! Job -> a network that is captured, and programs about to start.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsRawFd, RawFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use lab_kit::protocol::{FORMAT, Hello, RawEnd};
use lab_kit::{Knob, LinkKind, SCRIPT, patient};

use super::{Director, now, watch_children};
use crate::kernel::{SocketDiag, counters};
use crate::stage::capture::Camera;
use crate::stage::drain::Fences;
use crate::stage::fence::packet_socket;
use crate::stage::job::{Job, taps_of};
use crate::stage::player::Player;
use crate::stage::teller::Teller;
use crate::stage::wire::Wire;
use crate::topology::{self, Network};

impl Director {
    pub(super) fn set_up(
        job: &Job,
        frames: &[File],
        teller: Teller,
    ) -> Result<Director> {
        let children = watch_children()?;
        let network = topology::build(&job.plan, &job.knobs)?;
        let taps = taps_of(&job.plan);
        let mut cameras = Vec::new();
        for (tap, file) in taps.iter().zip(frames) {
            let (host, end) = network
                .end(&tap.host, tap.link)
                .with_context(|| format!("{} is not on its link", tap.host))?;
            let lo = job.plan.links[tap.link].kind == LinkKind::Loopback;
            let mtu = if lo { 65_536 } else { 1_500 };
            let camera = Camera::open(&host.namespace, &end.device, mtu, file)?;
            cameras.push(camera);
        }
        let wires = wires(job, &network)?;
        let fences = Fences::open(&network, &taps)?;
        let hosts = &network.hosts;
        let before = hosts
            .iter()
            .map(|h| counters(&h.namespace))
            .collect::<Result<_>>()?;
        let diags = hosts
            .iter()
            .map(|h| SocketDiag::open(&h.namespace))
            .collect::<Result<_>>()?;
        Ok(Director {
            job: job.clone(),
            network,
            diags,
            before,
            cameras,
            wires,
            fences,
            players: Vec::new(),
            answers: Vec::new(),
            waiting: Vec::new(),
            children,
            deadline: Instant::now()
                + patient(Duration::from_millis(job.plan.within_ms)),
            start: now(),
            marks: Vec::new(),
            observations: Vec::new(),
            steps: Vec::new(),
            quiets: Vec::new(),
            flooded: false,
            over_time: false,
            waited_ns: 0,
            last_words: None,
            teller,
        })
    }

    pub(super) fn start_players(&mut self) -> Result<()> {
        let raw = self.raw_ends()?;
        let namespaces: BTreeMap<String, i32> = self
            .network
            .hosts
            .iter()
            .map(|h| (h.name.clone(), h.namespace.fd().as_raw_fd()))
            .collect();
        for role in self.job.plan.programs.clone() {
            let script = role == SCRIPT;
            let mut hello = Hello {
                format: FORMAT,
                role: role.clone(),
                addresses: addresses(&self.network),
                options: self.job.options.clone(),
                namespaces: BTreeMap::new(),
                raw: BTreeMap::new(),
            };
            for (host, (end, _)) in &raw {
                if script || *host == role {
                    hello.raw.insert(host.clone(), end.clone());
                }
            }
            let mut inherits: Vec<RawFd> =
                hello.raw.values().map(|end| end.fd).collect();
            if script {
                inherits.extend(namespaces.values());
                hello.namespaces = namespaces.clone();
            }
            let home = namespaces.get(&role).copied();
            let player =
                Player::start(&self.job, &role, home, &inherits, &hello)?;
            self.players.push(player);
        }
        Ok(())
    }

    /// A packet socket for each host without a stack, and for each host in
    /// whose name a program may forge frames.
    fn raw_ends(
        &mut self,
    ) -> Result<BTreeMap<String, (RawEnd, std::os::fd::OwnedFd)>> {
        let mut ends = BTreeMap::new();
        for host in &self.network.hosts {
            let Some(end) = host.ends.first() else { continue };
            if !host.raw && !self.job.plan.forged.contains(&host.name) {
                continue;
            }
            let socket = packet_socket(&host.namespace, end.ifindex, true)?;
            let raw = RawEnd {
                fd: socket.as_raw_fd(),
                mac: end.mac,
                peer_mac: end.peer_mac,
                address: end.address.to_string(),
                peer_address: end.peer_address.to_string(),
            };
            ends.insert(host.name.clone(), (raw, socket));
        }
        Ok(ends)
    }
}

fn addresses(network: &Network) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for host in &network.hosts {
        let known = all.entry(host.name.clone()).or_default();
        for end in &host.ends {
            let peer = &network.hosts[end.peer].name;
            known.insert(peer.clone(), end.peer_address.to_string());
            known.entry(host.name.clone()).or_insert(end.address.to_string());
        }
    }
    all
}

fn wires(job: &Job, network: &Network) -> Result<Vec<Wire>> {
    let mut wires = Vec::new();
    for ends in &network.wires {
        let middle = network.middle.as_ref().context("a middle namespace")?;
        let port =
            |n: usize| packet_socket(middle, ends.ports[n].ifindex, true);
        let mut link = job.plan.links[ends.link].clone();
        for knob in &job.knobs {
            if let Knob::Link { key, value } = knob {
                crate::knobs::set_link(&mut link, key, value)?;
            }
        }
        wires.push(Wire::new(&link, [port(0)?, port(1)?]));
    }
    Ok(wires)
}

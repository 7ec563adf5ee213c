//! Job -> a network that is captured, and programs about to begin.

use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::protocol::{FORMAT, Hello, RawEnd};
use lab_kit::{Knob, Plan, SCRIPT, patient};
use lab_trace::Tap;
use pcap::{Active, Capture};

use super::{Director, now, watch_children};
use crate::kernel::{Counted, SocketDiag, counters};
use crate::stage::ahead::{Ahead, Opening};
use crate::stage::capture::{self, Camera};
use crate::stage::company::Casting;
use crate::stage::drain::Fences;
use crate::stage::fence::packet_socket;
use crate::stage::job::{Job, mtu_of, taps_of};
use crate::stage::player::Player;
use crate::stage::stall::Stall;
use crate::stage::teller::Teller;
use crate::stage::wire::Wire;
use crate::topology::{self, End, Host, Network};

impl Director {
    pub(super) fn set_up(
        job: &Job,
        company: &OwnedFd,
        frames: &[File],
        teller: Teller,
        ahead: Option<Ahead>,
    ) -> Result<Director> {
        let children = watch_children()?;
        let casting = Casting::call(company)?;
        let (network, opening) = match ahead.map(|it| it.becomes(job)) {
            Some((network, opening)) => (network, Some(opening)),
            None => (topology::join(&job.plan, &job.knobs)?, None),
        };
        let taps = taps_of(&job.plan);
        // What the kernel does for a capture takes longer than all else here,
        // so all else is done meanwhile: hosts get their settings, and programs'
        // processes are started, which wait to be greeted.
        let (captures, rest) = beside(job, &network, &taps, opening, || {
            Rest::of(job, &network, casting)
        })?;
        let rest = rest?;
        let mut cameras = Vec::new();
        for ((live, tap), file) in captures.into_iter().zip(&taps).zip(frames) {
            let (host, end) = tapped(&network, tap)?;
            let device = &end.device;
            let camera = Camera::new(live, &host.namespace, device, file)?;
            cameras.push(camera);
        }
        Ok(Director {
            job: job.clone(),
            cameras,
            wires: wires(job, &network)?,
            fences: Fences::open(&network, &taps)?,
            network,
            diags: rest.diags,
            before: rest.before,
            players: rest.players,
            answers: Vec::new(),
            waiting: Vec::new(),
            children,
            deadline: Instant::now()
                + patient(Duration::from_millis(job.plan.within_ms)),
            stall: Stall::watch(),
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

    /// Tells the programs to begin.
    pub(super) fn begin(&mut self) -> Result<()> {
        self.players.iter_mut().try_for_each(Player::greet)
    }
}

/// Acts while the captures become live, and waits for all of them; one may be
/// on its way already.
fn beside<T>(
    job: &Job,
    network: &Network,
    taps: &[Tap],
    ahead: Option<Opening>,
    act: impl FnOnce() -> T,
) -> Result<(Vec<Capture<Active>>, T)> {
    let mut places = Vec::new();
    for tap in taps.iter().skip(ahead.iter().len()) {
        let (host, end) = tapped(network, tap)?;
        let mtu = mtu_of(job.plan.links[tap.link].kind);
        places.push((host.namespace.fd(), end.device.as_str(), mtu));
    }
    std::thread::scope(|scope| {
        let open = |(namespace, device, mtu)| {
            scope.spawn(move || capture::live(namespace, device, mtu, job.room))
        };
        let opening: Vec<_> = places.into_iter().map(open).collect();
        let done = act();
        let ahead = ahead.map(|it| it.join());
        let opened = opening.into_iter().map(|it| it.join());
        let captures = ahead.into_iter().chain(opened).map(|it| match it {
            Ok(capture) => capture,
            Err(_) => bail!("the opening of a capture panicked"),
        });
        Ok((captures.collect::<Result<_>>()?, done))
    })
}

fn tapped<'a>(network: &'a Network, tap: &Tap) -> Result<(&'a Host, &'a End)> {
    let end = network.end(&tap.host, tap.link);
    end.with_context(|| format!("{} is not on its link", tap.host))
}

/// What a run needs beside its captures.
struct Rest {
    before: Vec<Counted>,
    diags: Vec<SocketDiag>,
    players: Vec<Player>,
}

impl Rest {
    fn of(job: &Job, network: &Network, casting: Casting) -> Result<Rest> {
        topology::settle(network, &job.plan, &job.knobs)?;
        let mut players = players(job, network, &casting)?;
        let hosts = || network.hosts.iter().map(|host| &host.namespace);
        let diags = hosts().map(SocketDiag::open).collect::<Result<_>>()?;
        let before = hosts().map(counters).collect::<Result<_>>()?;
        players.iter_mut().try_for_each(|it| it.comes(&casting))?;
        Ok(Rest { before, diags, players })
    }
}

/// A process for each program of the plan.
fn players(
    job: &Job,
    network: &Network,
    casting: &Casting,
) -> Result<Vec<Player>> {
    let raw = raw_ends(&job.plan, network)?;
    let start = |role: &String| {
        let script = role == SCRIPT;
        let mut hello = Hello {
            format: FORMAT,
            role: role.clone(),
            addresses: addresses(network),
            options: job.options.clone(),
            namespaces: BTreeMap::new(),
            raw: BTreeMap::new(),
        };
        let mut given: Vec<RawFd> = Vec::new();
        let mut give = |fd: RawFd| {
            given.push(fd);
            given.len() as i32 - 1
        };
        for (host, (end, socket)) in &raw {
            if script || host == role {
                let fd = give(socket.as_raw_fd());
                hello.raw.insert(host.clone(), RawEnd { fd, ..end.clone() });
            }
        }
        for host in network.hosts.iter().filter(|_| script) {
            let fd = give(host.namespace.fd().as_raw_fd());
            hello.namespaces.insert(host.name.clone(), fd);
        }
        let home = network.hosts.iter().find(|host| host.name == *role);
        let home = home.map(|host| &host.namespace);
        Player::call(casting, job, home, &given, &hello)
    };
    job.plan.programs.iter().map(start).collect()
}

/// A packet socket for each host without a stack, and for each host in whose
/// name a program may forge frames.
fn raw_ends(
    plan: &Plan,
    network: &Network,
) -> Result<BTreeMap<String, (RawEnd, OwnedFd)>> {
    let mut ends = BTreeMap::new();
    for host in &network.hosts {
        let Some(end) = host.ends.first() else { continue };
        if !host.raw && !plan.forged.contains(&host.name) {
            continue;
        }
        let socket = packet_socket(&host.namespace, end.ifindex, true)?;
        let raw = RawEnd {
            fd: -1,
            mac: end.mac,
            peer_mac: end.peer_mac,
            address: end.address.to_string(),
            peer_address: end.peer_address.to_string(),
        };
        ends.insert(host.name.clone(), (raw, socket));
    }
    Ok(ends)
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

//! Namespaces -> the same with links between them that carry the very first
//! packet: in each namespace, what is asked of its kernel is asked at once.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};
use lab_kit::{LinkKind, Plan};

use super::ethtool::Ethtool;
use super::layout::{self, Joint, Layout};
use super::netlink::{self, Card, Change};
use super::sites::{Home, Sites};
use super::{End, Port};

/// What lo can't do without: nothing leaves the machine, so nobody sums.
const FIXED_ON_LO: &str = "tx-checksum";

/// One end of a veth pair.
struct Plug<'a> {
    home: Home,
    device: &'a str,
    ifindex: u32,
    mac: [u8; 6],
    /// None: a port of a wire, which has no IP stack above it.
    end: Option<&'a End>,
    raw: bool,
    /// What an error says of it.
    joins: String,
}

pub(super) fn join(plan: &Plan, layout: &Layout, sites: &Sites) -> Result<()> {
    let ports: Vec<_> = (0..layout.joints.len()).map(layout::ports).collect();
    let mut pairs = Vec::new();
    let mut offloads = Offloads::default();
    for (joint, ports) in layout.joints.iter().zip(&ports) {
        let [left, right] = joint.hosts.map(|host| &plan.hosts[host]);
        let joins = format!("join {left} and {right}");
        let plug = |side| plug(layout, joint, side, &joins);
        match joint.kind {
            LinkKind::Cable => pairs.push([plug(0), plug(1)]),
            LinkKind::Wire => {
                let port = |side| port(&ports[side], &joins);
                pairs.extend([0, 1].map(|side| [plug(side), port(side)]));
            }
            LinkKind::Loopback => {
                let lo = plug(0);
                offloads.off(sites, lo.home, &[&lo]).context(joins)?;
            }
        }
    }
    create(sites, &pairs)?;
    let mut homes: BTreeMap<Home, Vec<&Plug>> = BTreeMap::new();
    for plug in pairs.iter().flatten() {
        homes.entry(plug.home).or_default().push(plug);
    }
    let of = |home: &Home| match home {
        Home::Host(host) => {
            format!("set up the links of {}", plan.hosts[*host])
        }
        Home::Middle => "set up the wires".into(),
    };
    for (home, plugs) in &homes {
        offloads.off(sites, *home, plugs).with_context(|| of(home))?;
        let changes = plugs.iter().flat_map(|plug| plug.switch_on()).collect();
        sites.namespace(*home)?.routing(|it| it.change(changes))?;
    }
    for (home, plugs) in &homes {
        let all: Vec<_> = plugs.iter().map(|plug| plug.ifindex).collect();
        let namespace = sites.namespace(*home)?;
        namespace
            .routing(|it| it.await_carriers(&all))
            .with_context(|| of(home))?;
    }
    Ok(())
}

/// What is asked once of ethtool, since all namespaces and veths are alike.
#[derive(Default)]
struct Offloads {
    family: Option<u16>,
    veth: Option<BTreeSet<String>>,
}

impl Offloads {
    /// Switches those of a namespace's devices off, all veths or lo.
    fn off(
        &mut self,
        sites: &Sites,
        home: Home,
        plugs: &[&Plug],
    ) -> Result<()> {
        let namespace = sites.namespace(home)?;
        let mut ethtool = Ethtool::open(namespace, &mut self.family)?;
        let devices: Vec<_> = plugs.iter().map(|plug| plug.device).collect();
        let lo = devices == ["lo"];
        let known = if lo { &mut None } else { &mut self.veth };
        let kept = ethtool.offloads_off(&devices, known)?;
        for (mut kept, device) in kept.into_iter().zip(devices) {
            kept.retain(|name| !(lo && name.starts_with(FIXED_ON_LO)));
            ensure!(kept.is_empty(), "{device} keeps its offloads {kept:?}");
        }
        Ok(())
    }
}

fn plug<'a>(
    layout: &Layout,
    joint: &'a Joint,
    side: usize,
    joins: &str,
) -> Plug<'a> {
    let end = &joint.ends[side];
    let host = joint.hosts[side];
    Plug {
        home: Home::Host(layout.homes[host]),
        device: &end.device,
        ifindex: end.ifindex,
        mac: end.mac,
        end: Some(end),
        raw: layout.raw[host],
        joins: joins.into(),
    }
}

fn port<'a>((port, mac): &'a (Port, [u8; 6]), joins: &str) -> Plug<'a> {
    Plug {
        home: Home::Middle,
        device: &port.device,
        ifindex: port.ifindex,
        mac: *mac,
        end: None,
        raw: true,
        joins: joins.into(),
    }
}

/// Each pair is made in its left end's namespace.
fn create(sites: &Sites, pairs: &[[Plug; 2]]) -> Result<()> {
    let mut all: BTreeMap<Home, Vec<Change>> = BTreeMap::new();
    for [left, right] in pairs {
        let there = sites.namespace(right.home)?;
        let mut change = netlink::veth(&left.card(), &right.card(), there);
        change.tried.push(left.joins.clone());
        all.entry(left.home).or_default().push(change);
    }
    for (home, changes) in all {
        sites.namespace(home)?.routing(|it| it.change(changes))?;
    }
    Ok(())
}

impl Plug<'_> {
    fn switch_on(&self) -> Vec<Change> {
        let stack = self.end.filter(|_| !self.raw);
        let mut changes = vec![netlink::up(self.ifindex, stack.is_some())];
        if let Some(end) = stack {
            let length = layout::prefix_length(end.link);
            let own = netlink::address(end.ifindex, end.address, length);
            changes.insert(0, own);
            let (peer, mac) = (end.peer_address, end.peer_mac);
            changes.push(netlink::neighbour(end.ifindex, peer, mac));
        }
        for change in &mut changes {
            change.tried.push(format!("set up {}", self.device));
            change.tried.push(self.joins.clone());
        }
        changes
    }

    fn card(&self) -> Card<'_> {
        Card { device: self.device, ifindex: self.ifindex, mac: self.mac }
    }
}

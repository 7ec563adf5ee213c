//! Two namespaces -> the same two with a link between them that carries the
//! very first packet.

use anyhow::{Context, Result, ensure};
use lab_kit::LinkKind;

use super::End;
use super::layout::{self, Joint, Layout};
use super::netlink::Card;
use super::sites::{Home, Sites};

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
}

pub(super) fn join(
    sites: &mut Sites,
    layout: &Layout,
    joint: &Joint,
) -> Result<()> {
    let plug = |side: usize| {
        let end = &joint.ends[side];
        let host = joint.hosts[side];
        Plug {
            home: Home::Host(layout.homes[host]),
            device: &end.device,
            ifindex: end.ifindex,
            mac: end.mac,
            end: Some(end),
            raw: layout.raw[host],
        }
    };
    match joint.kind {
        LinkKind::Loopback => loopback(sites, &plug(0)),
        LinkKind::Cable => veth(sites, &plug(0), &plug(1)),
        LinkKind::Wire => {
            let ports = layout::ports(joint.ends[0].link);
            for (side, (port, mac)) in ports.iter().enumerate() {
                let port = Plug {
                    home: Home::Middle,
                    device: &port.device,
                    ifindex: port.ifindex,
                    mac: *mac,
                    end: None,
                    raw: true,
                };
                veth(sites, &plug(side), &port)?;
            }
            Ok(())
        }
    }
}

fn loopback(sites: &mut Sites, plug: &Plug) -> Result<()> {
    let site = sites.get(plug.home)?;
    let mut kept = site.ethtool.offloads_off(plug.device)?;
    kept.retain(|name| !name.starts_with(FIXED_ON_LO));
    ensure!(kept.is_empty(), "lo keeps its offloads {kept:?}");
    Ok(())
}

fn veth(sites: &mut Sites, left: &Plug, right: &Plug) -> Result<()> {
    let there = sites.namespace(right.home)?;
    let here = sites.get(left.home)?;
    here.routing.veth(&left.card(), &right.card(), &there)?;
    for plug in [left, right] {
        switch_on(sites, plug)
            .with_context(|| format!("set up {}", plug.device))?;
    }
    for plug in [left, right] {
        sites.get(plug.home)?.routing.await_carrier(plug.ifindex)?;
    }
    Ok(())
}

fn switch_on(sites: &mut Sites, plug: &Plug) -> Result<()> {
    let site = sites.get(plug.home)?;
    let kept = site.ethtool.offloads_off(plug.device)?;
    ensure!(kept.is_empty(), "{} keeps its offloads {kept:?}", plug.device);
    let stack = plug.end.filter(|_| !plug.raw);
    let routing = &mut site.routing;
    if let Some(end) = stack {
        routing.address(plug.ifindex, end.address)?;
    }
    routing.up(plug.ifindex, stack.is_some())?;
    if let Some(end) = stack {
        routing.neighbour(plug.ifindex, end.peer_address, end.peer_mac)?;
    }
    Ok(())
}

impl Plug<'_> {
    fn card(&self) -> Card<'_> {
        Card { device: self.device, ifindex: self.ifindex, mac: self.mac }
    }
}

//! Plan, knobs -> Network: namespaces, links and settings, each read back
//! from the kernel. Nothing starts on a network that is only half built.

mod ahead;
mod ethtool;
mod joining;
mod knobs;
mod layout;
mod namespace;
pub(crate) mod netfilter;
pub(crate) mod netlink;
mod pins;
mod routes;
mod shaping;
mod sites;
mod sysctl;
#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use anyhow::{Context, Result};
use lab_kit::{Knob, LinkKind, Plan};

pub(crate) use ahead::{Ahead, ahead, is_usual};
use layout::Layout;
pub(crate) use namespace::Namespace;
use sites::{Home, Sites};

/// Hosts and what joins them; gone when it's dropped.
pub(crate) struct Network {
    /// In the plan's order.
    pub(crate) hosts: Vec<Host>,
    /// One for each link that is a wire.
    pub(crate) wires: Vec<WireEnds>,
    /// Where the wires' forwarder works.
    pub(crate) middle: Option<Namespace>,
}

/// A host: a namespace and its interfaces.
pub(crate) struct Host {
    pub(crate) name: String,
    /// It has no IP address: the lab builds its segments.
    pub(crate) raw: bool,
    pub(crate) namespace: Namespace,
    /// In the order of the plan's links.
    pub(crate) ends: Vec<End>,
}

/// One host's interface on one link.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct End {
    /// Index into the plan's links.
    pub(crate) link: usize,
    /// Index into the hosts.
    pub(crate) peer: usize,
    pub(crate) device: String,
    pub(crate) ifindex: u32,
    pub(crate) mac: [u8; 6],
    pub(crate) peer_mac: [u8; 6],
    pub(crate) address: Ipv4Addr,
    pub(crate) peer_address: Ipv4Addr,
}

/// A wire's two ends in the middle namespace.
pub(crate) struct WireEnds {
    /// Index into the plan's links.
    pub(crate) link: usize,
    /// `ports[0]` faces the link's first end.
    pub(crate) ports: [Port; 2],
}

/// One end of a wire.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Port {
    pub(crate) device: String,
    pub(crate) ifindex: u32,
}

impl Network {
    /// A host's interface on a link.
    pub(crate) fn end(&self, host: &str, link: usize) -> Option<(&Host, &End)> {
        let host = self.hosts.iter().find(|h| h.name == host)?;
        let end = host.ends.iter().find(|end| end.link == link)?;
        Some((host, end))
    }
}

/// Makes the hosts and joins them, or says what went wrong: a network that can
/// be captured, and is to be [`settle`]d before anything happens in it. Call
/// this in a network namespace of your own: its settings are changed.
pub(crate) fn join(plan: &Plan, knobs: &[Knob]) -> Result<Network> {
    let turned = knobs;
    let knobs = knobs::in_force(plan, turned)?;
    let layout = Layout::of(plan)?;
    let sites = Sites::new(plan, &layout, &knobs)?;
    joining::join(plan, &layout, &sites)?;
    shaping::shape(plan, turned, &layout, &sites)?;
    network(plan, layout, &sites)
}

/// Gives a plan's hosts all settings that they lack.
pub(crate) fn settle(
    network: &Network,
    plan: &Plan,
    knobs: &[Knob],
) -> Result<()> {
    let knobs = knobs::in_force(plan, knobs)?;
    // Hosts may share a namespace: no pin after any knob.
    for host in &network.hosts {
        let pinned = host.namespace.inside(|| pins::apply(pins::OTHERS));
        pinned.with_context(|| format!("prepare {}", host.name))?;
    }
    let mut hosts = network.hosts.iter();
    hosts.try_for_each(|host| knobs::after_devices(&knobs, host))
}

/// Both.
#[cfg(test)]
fn build(plan: &Plan, knobs: &[Knob]) -> Result<Network> {
    let network = join(plan, knobs)?;
    settle(&network, plan, knobs).map(|()| network)
}

fn network(plan: &Plan, layout: Layout, sites: &Sites) -> Result<Network> {
    let mut hosts = Vec::new();
    for (index, name) in plan.hosts.iter().enumerate() {
        let home = Home::Host(layout.homes[index]);
        hosts.push(Host {
            name: name.clone(),
            raw: plan.raw.contains(name),
            namespace: sites.namespace(home)?.clone(),
            ends: Vec::new(),
        });
    }
    let mut wires = Vec::new();
    for (link, joint) in layout.joints.into_iter().enumerate() {
        if joint.kind == LinkKind::Wire {
            let ports = layout::ports(link).map(|(port, _)| port);
            wires.push(WireEnds { link, ports });
        }
        for (host, end) in joint.hosts.into_iter().zip(joint.ends) {
            hosts[host].ends.push(end);
        }
    }
    let middle = match plan.has_wire() {
        true => Some(sites.namespace(Home::Middle)?.clone()),
        false => None,
    };
    Ok(Network { hosts, wires, middle })
}

//! Plan -> names, addresses, MACs and interface numbers. Pure: all of it is
//! fixed by the plan, so that two runs differ in nothing.

use std::net::Ipv4Addr;

use anyhow::{Result, bail, ensure};
use lab_kit::{Link, LinkKind, Plan};

use super::{End, Port};

/// RFC 5737's networks for documentation: one for each of the first links, in
/// which a host's number is its address.
const PREFIXES: [[u8; 3]; 3] = [[192, 0, 2], [198, 51, 100], [203, 0, 113]];
const MOST_HOSTS: usize = 100;
/// Further links share what lies above the hosts' numbers, two addresses each
/// (RFC 3021); the last two of a network are left alone: one is its broadcast.
const SHARED: usize = 128;
const SHARERS: usize = 63;
const MOST_LINKS: usize = PREFIXES.len() * (1 + SHARERS);
pub(super) const LO: u32 = 1;

/// Where everything goes.
#[derive(Debug, PartialEq)]
pub(super) struct Layout {
    /// For each host, the host whose namespace it lives in: itself, unless a
    /// loopback makes two hosts one machine.
    pub(super) homes: Vec<usize>,
    /// For each host, whether it has no IP stack.
    pub(super) raw: Vec<bool>,
    pub(super) joints: Vec<Joint>,
}

/// One link and what is at its ends.
#[derive(Debug, PartialEq)]
pub(super) struct Joint {
    pub(super) kind: LinkKind,
    pub(super) hosts: [usize; 2],
    pub(super) ends: [End; 2],
}

impl Layout {
    pub(super) fn of(plan: &Plan) -> Result<Self> {
        ensure!(
            plan.links.len() <= MOST_LINKS,
            "{} has {} links; there are addresses for {MOST_LINKS} (RFC 5737)",
            plan.name,
            plan.links.len(),
        );
        ensure!(
            plan.hosts.len() <= MOST_HOSTS,
            "{} has more than {MOST_HOSTS} hosts",
            plan.name
        );
        let homes = homes(plan)?;
        let mut cards = vec![0; plan.hosts.len()];
        let mut joints = Vec::new();
        for (number, link) in plan.links.iter().enumerate() {
            let hosts = hosts_of(plan, link)?;
            let names = hosts.map(|host| match link.kind {
                LinkKind::Loopback => "lo".into(),
                _ => next_card(&mut cards[homes[host]]),
            });
            let ends = ends(number, link.kind, hosts, names);
            joints.push(Joint { kind: link.kind, hosts, ends });
        }
        let raw = plan.hosts.iter().map(|h| plan.raw.contains(h)).collect();
        Ok(Layout { homes, raw, joints })
    }
}

/// Namespaces: hosts that a loopback joins share the lower one's.
fn homes(plan: &Plan) -> Result<Vec<usize>> {
    let mut homes: Vec<usize> = (0..plan.hosts.len()).collect();
    for link in plan.links.iter().filter(|l| l.kind == LinkKind::Loopback) {
        for host in &link.ends {
            ensure!(
                !plan.raw.contains(host),
                "{host} is raw, so it can't be on a loopback: lo is an IP \
                 stack; use a cable or a wire"
            );
        }
        let [a, b] = hosts_of(plan, link)?.map(|host| homes[host]);
        for home in &mut homes {
            if *home == a.max(b) {
                *home = a.min(b);
            }
        }
    }
    for link in plan.links.iter().filter(|l| l.kind != LinkKind::Loopback) {
        let [a, b] = hosts_of(plan, link)?.map(|host| homes[host]);
        ensure!(
            a != b,
            "{} and {} are one machine: a cable or wire can't join them",
            link.ends[0],
            link.ends[1]
        );
    }
    Ok(homes)
}

fn hosts_of(plan: &Plan, link: &Link) -> Result<[usize; 2]> {
    let find = |name: &String| plan.hosts.iter().position(|h| h == name);
    match [find(&link.ends[0]), find(&link.ends[1])] {
        [Some(left), Some(right)] => Ok([left, right]),
        _ => bail!("{}: a link ends at an unknown host", plan.name),
    }
}

fn next_card(used: &mut usize) -> String {
    *used += 1;
    format!("eth{}", *used - 1)
}

fn ends(
    link: usize,
    kind: LinkKind,
    hosts: [usize; 2],
    names: [String; 2],
) -> [End; 2] {
    let lo = kind == LinkKind::Loopback;
    let address = |side: usize| match lo {
        true => Ipv4Addr::new(127, 0, 0, side as u8 + 1),
        false => address(link, side, hosts[side]),
    };
    let mac = |side: usize| match lo {
        true => [0; 6],
        false => mac(link, hosts[side] as u8 + 1),
    };
    let end = |side: usize, device: String| End {
        link,
        peer: hosts[1 - side],
        device,
        ifindex: if lo { LO } else { ifindex(link, side) },
        mac: mac(side),
        peer_mac: mac(1 - side),
        address: address(side),
        peer_address: address(1 - side),
    };
    let [left, right] = names;
    [end(0, left), end(1, right)]
}

fn address(link: usize, side: usize, host: usize) -> Ipv4Addr {
    let ([a, b, c], last) = match link.checked_sub(PREFIXES.len()) {
        None => (PREFIXES[link], host + 1),
        Some(further) => {
            let pair = 2 * (further % SHARERS);
            (PREFIXES[further / SHARERS], SHARED + pair + side)
        }
    };
    Ipv4Addr::new(a, b, c, last as u8)
}

/// Of the addresses of a link.
pub(super) fn prefix_length(link: usize) -> u8 {
    if link < PREFIXES.len() { 24 } else { 31 }
}

/// The two devices in the middle namespace that a wire forwards between, and
/// their MACs.
pub(super) fn ports(link: usize) -> [(Port, [u8; 6]); 2] {
    [("left", 0), ("right", 1)].map(|(name, side)| {
        let device = format!("{name}{link}");
        let port = Port { device, ifindex: ifindex(link, 2 + side) };
        (port, mac(link, 0xf1 + side as u8))
    })
}

/// No two interfaces of a network have the same number: when both ends of a
/// veth have, the kernel takes them for unstacked devices and may notice a
/// carrier a second late (linkwatch_urgent_event(), net/core/link_watch.c).
fn ifindex(link: usize, slot: usize) -> u32 {
    (10 * (link + 1) + slot + 1) as u32
}

fn mac(link: usize, last: u8) -> [u8; 6] {
    [2, 0, 0, 0, link as u8, last]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use lab_kit::{Experiment, wire};

    use super::*;

    #[test]
    fn in_the_greatest_network_nothing_is_there_twice() {
        let mut ring = Experiment::new("ring", "Is it unique?");
        for n in 0..MOST_LINKS {
            // No host reaches farther than its neighbours.
            let ends = [n % MOST_HOSTS, (n + 1) % MOST_HOSTS];
            let [a, b] = ends.map(|host| format!("h{host}"));
            ring = ring.link(wire(&a, &b));
        }
        let layout = Layout::of(ring.plan()).unwrap();
        let ends = layout.joints.iter().flat_map(|joint| &joint.ends);
        let ports = (0..MOST_LINKS).flat_map(ports);
        let (mut indices, mut macs): (Vec<_>, Vec<_>) =
            ports.map(|(port, mac)| (port.ifindex, mac)).unzip();
        let mut addresses = Vec::new();
        for end in ends {
            indices.push(end.ifindex);
            macs.push(end.mac);
            addresses.push(end.address);
        }
        assert_eq!(BTreeSet::from_iter(&addresses).len(), 2 * MOST_LINKS);
        assert_eq!(BTreeSet::from_iter(&indices).len(), 4 * MOST_LINKS);
        assert_eq!(BTreeSet::from_iter(&macs).len(), 4 * MOST_LINKS);
        let broadcast = |address: &Ipv4Addr| address.octets()[3] == 255;
        assert!(!addresses.iter().any(broadcast));
        let ours = |address: &Ipv4Addr| {
            let [a, b, c, _] = address.octets();
            PREFIXES.contains(&[a, b, c])
        };
        assert!(addresses.iter().all(ours));
    }
}

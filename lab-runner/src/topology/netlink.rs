//! A namespace -> its links, addresses, neighbours and routes, by rtnetlink.
//! The only file that knows netlink-packet-route, which breaks often.

use std::net::{IpAddr, Ipv4Addr};
use std::os::fd::AsRawFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use lab_kit::{Device, patient};
use netlink_packet_core::{
    DefaultNla, NLM_F_CREATE, NLM_F_DUMP, NLM_F_EXCL, NLM_F_REPLACE, Nla,
};
use netlink_packet_route::address::{AddressAttribute, AddressMessage};
use netlink_packet_route::link::{
    InfoData, InfoKind, InfoVeth, LinkAttribute, LinkFlags, LinkInfo,
    LinkMessage, State,
};
use netlink_packet_route::neighbour::{
    NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState,
};
use netlink_packet_route::route::{
    RouteAddress, RouteAttribute, RouteHeader, RouteMessage, RouteMetric,
    RouteProtocol, RouteScope, RouteType,
};
use netlink_packet_route::{AddressFamily, RouteNetlinkMessage as Message};
use netlink_sys::protocols::NETLINK_ROUTE;
use nix::poll::{PollTimeout, poll};

use super::namespace::Namespace;
use crate::kernel::{Request, Talk};

const CARRIER_WITHIN: Duration = Duration::from_secs(5);
const NEW: u16 = NLM_F_CREATE | NLM_F_EXCL;
const SET: u16 = NLM_F_CREATE | NLM_F_REPLACE;

/// rtnetlink in one namespace.
pub(crate) struct Routing(Talk);

/// Something to be set up.
pub(super) type Change = Request<Message>;

/// A network interface to be made.
pub(super) struct Card<'a> {
    pub(super) device: &'a str,
    pub(super) ifindex: u32,
    pub(super) mac: [u8; 6],
}

/// A network interface as the kernel describes it.
pub(crate) struct Seen {
    pub(crate) is_up: bool,
    pub(crate) packets: Option<u64>,
}

/// An IPv4 route as the kernel describes it.
pub(super) struct Route(RouteMessage);

impl Routing {
    pub(crate) fn open(of: &Namespace) -> Result<Self> {
        Ok(Routing(Talk::open(of, NETLINK_ROUTE)?))
    }

    pub(super) fn ask(
        &mut self,
        question: Message,
        flags: u16,
    ) -> Result<Vec<Message>> {
        self.0.ask(question, flags)
    }

    /// Makes changes, in order, in as few datagrams as it goes.
    pub(super) fn change(&mut self, changes: Vec<Change>) -> Result<()> {
        let _: Vec<(usize, Message)> = self.0.ask_all(changes)?;
        Ok(())
    }

    /// Waits until interfaces have a carrier. Asking matters: RTM_GETLINK
    /// makes the kernel finish what it does about a new carrier later. Until
    /// then the queue of the end that came up first silently drops all.
    pub(super) fn await_carriers(&mut self, interfaces: &[u32]) -> Result<()> {
        let start = Instant::now();
        let mut without = interfaces.to_vec();
        loop {
            let questions = without.iter().map(|&index| {
                let mut link = LinkMessage::default();
                link.header.index = index;
                let tried = format!("look at interface {index}");
                change(Message::GetLink(link), 0, tried)
            });
            let answers = self.0.ask_all(questions.collect())?;
            without.retain(|index| {
                !answers.iter().any(|(_, answer)| match answer {
                    Message::NewLink(link) => {
                        link.header.index == *index && seen(link).is_up
                    }
                    _ => false,
                })
            });
            let [ifindex, ..] = without[..] else { return Ok(()) };
            if start.elapsed() > patient(CARRIER_WITHIN) {
                bail!(
                    "interface {ifindex} has no carrier after {} s: its \
                     peer isn't up; this is a bug of ours",
                    patient(CARRIER_WITHIN).as_secs()
                );
            }
            poll(&mut [], PollTimeout::from(1u8))?;
        }
    }

    pub(crate) fn link_named(&mut self, device: &str) -> Result<Seen> {
        let link = self.described(named(device));
        let link =
            link.with_context(|| format!("look at interface {device}"))?;
        Ok(seen(&link))
    }

    /// An interface as `ip -s link` describes it.
    pub(crate) fn device(&mut self, device: &str) -> Result<Device> {
        let link = self
            .described(named(device))
            .with_context(|| format!("look at interface {device}"))?;
        let up = link.header.flags.contains(LinkFlags::Up);
        let carrier = link.header.flags.contains(LinkFlags::Running);
        let mut seen = Device { up, carrier, ..Device::default() };
        for attribute in link.attributes {
            match attribute {
                LinkAttribute::Mtu(mtu) => seen.mtu = mtu,
                LinkAttribute::Qdisc(name) => seen.qdisc = name,
                LinkAttribute::Stats64(stats) => {
                    seen.received = stats.rx_packets;
                    seen.sent = stats.tx_packets;
                }
                _ => {}
            }
        }
        Ok(seen)
    }

    fn described(&mut self, link: LinkMessage) -> Result<LinkMessage> {
        let answers = self.ask(Message::GetLink(link), 0)?;
        match answers.into_iter().next() {
            Some(Message::NewLink(link)) => Ok(link),
            _ => bail!("the kernel described no interface"),
        }
    }

    /// Sends all that has no route of its own to this neighbour.
    pub(super) fn default_by(
        &mut self,
        ifindex: u32,
        gateway: Ipv4Addr,
    ) -> Result<()> {
        let mut message = RouteMessage::default();
        message.header.address_family = AddressFamily::Inet;
        message.header.table = RouteHeader::RT_TABLE_MAIN;
        message.header.protocol = RouteProtocol::Static;
        message.header.scope = RouteScope::Universe;
        message.header.kind = RouteType::Unicast;
        message.attributes = vec![
            RouteAttribute::Gateway(RouteAddress::Inet(gateway)),
            RouteAttribute::Oif(ifindex),
        ];
        self.ask(Message::NewRoute(message), NEW)
            .with_context(|| format!("make {gateway} the default route"))?;
        Ok(())
    }

    /// Routes to what is on the link itself; on lo, to the host itself.
    pub(super) fn on_link_routes(
        &mut self,
        ifindex: u32,
    ) -> Result<Vec<Route>> {
        let mut all = RouteMessage::default();
        all.header.address_family = AddressFamily::Inet;
        let answers = self
            .ask(Message::GetRoute(all), NLM_F_DUMP)
            .context("list routes")?;
        let routes = answers.into_iter().filter_map(|answer| match answer {
            Message::NewRoute(route) => Some(Route(route)),
            _ => None,
        });
        Ok(routes.filter(|route| route.is_on_link(ifindex)).collect())
    }

    /// Replaces the route of the same destination.
    pub(super) fn replace(&mut self, route: &Route) -> Result<()> {
        let mut message = route.0.clone();
        message.header.flags = Default::default();
        message
            .attributes
            .retain(|a| !matches!(a, RouteAttribute::CacheInfo(_)));
        self.ask(Message::NewRoute(message), SET)?;
        Ok(())
    }
}

impl Route {
    fn is_on_link(&self, ifindex: u32) -> bool {
        let kind = self.0.header.kind;
        let direct = self.0.header.scope == RouteScope::Link
            && kind == RouteType::Unicast;
        let own = ifindex == super::layout::LO && kind == RouteType::Local;
        (direct || own)
            && self.0.attributes.contains(&RouteAttribute::Oif(ifindex))
    }

    /// The value of a metric (`RTAX_...`), if the route has it.
    pub(super) fn metric(&self, kind: u16) -> Option<u32> {
        let metric = self.metrics().find(|m| m.kind() == kind)?;
        let mut bytes = [0; 4];
        (metric.value_len() == 4).then(|| {
            metric.emit_value(&mut bytes);
            u32::from_ne_bytes(bytes)
        })
    }

    pub(super) fn set_metric(&mut self, kind: u16, value: u32) {
        let mut metrics: Vec<_> =
            self.metrics().filter(|m| m.kind() != kind).cloned().collect();
        let bytes = value.to_ne_bytes().to_vec();
        metrics.push(RouteMetric::Other(DefaultNla::new(kind, bytes)));
        self.0.attributes.retain(|a| !matches!(a, RouteAttribute::Metrics(_)));
        self.0.attributes.push(RouteAttribute::Metrics(metrics));
    }

    fn metrics(&self) -> impl Iterator<Item = &RouteMetric> {
        self.0.attributes.iter().flat_map(|attribute| match attribute {
            RouteAttribute::Metrics(metrics) => metrics.as_slice(),
            _ => &[],
        })
    }
}

/// A veth pair: one card here, the other in `there`.
pub(super) fn veth(here: &Card, there: &Card, namespace: &Namespace) -> Change {
    let mut peer = card(there);
    let fd = namespace.fd().as_raw_fd();
    peer.attributes.push(LinkAttribute::NetNsFd(fd));
    let veth = InfoData::Veth(InfoVeth::Peer(peer));
    let info = vec![LinkInfo::Kind(InfoKind::Veth), LinkInfo::Data(veth)];
    let mut link = card(here);
    link.attributes.push(LinkAttribute::LinkInfo(info));
    let tried = format!(
        "create the veth pair {} - {} (needs the kernel's veth; \
         `modprobe veth` loads it)",
        here.device, there.device
    );
    change(Message::NewLink(link), NEW, tried)
}

/// Switches an interface on; `arp` is off for one without an IP stack.
pub(super) fn up(ifindex: u32, arp: bool) -> Change {
    let mut link = LinkMessage::default();
    link.header.index = ifindex;
    link.header.flags = LinkFlags::Up;
    link.header.change_mask = LinkFlags::Up;
    if !arp {
        link.header.flags |= LinkFlags::Noarp;
        link.header.change_mask |= LinkFlags::Noarp;
    }
    let tried = format!("switch interface {ifindex} on");
    change(Message::SetLink(link), 0, tried)
}

pub(super) fn address(
    ifindex: u32,
    address: Ipv4Addr,
    prefix_length: u8,
) -> Change {
    let mut message = AddressMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.prefix_len = prefix_length;
    message.header.index = ifindex;
    let ip = IpAddr::V4(address);
    message.attributes =
        vec![AddressAttribute::Address(ip), AddressAttribute::Local(ip)];
    let tried = format!("give interface {ifindex} {address}");
    change(Message::NewAddress(message), NEW, tried)
}

/// Tells the MAC of a neighbour for good: no ARP in any trace.
pub(super) fn neighbour(
    ifindex: u32,
    address: Ipv4Addr,
    mac: [u8; 6],
) -> Change {
    let mut message = NeighbourMessage::default();
    message.header.family = AddressFamily::Inet;
    message.header.ifindex = ifindex;
    message.header.state = NeighbourState::Permanent;
    message.attributes = vec![
        NeighbourAttribute::Destination(NeighbourAddress::Inet(address)),
        NeighbourAttribute::LinkLayerAddress(mac.into()),
    ];
    let tried = format!("make {address} a neighbour");
    change(Message::NewNeighbour(message), SET, tried)
}

fn change(question: Message, flags: u16, tried: String) -> Change {
    Request { question, flags, tried: vec![tried] }
}

fn seen(link: &LinkMessage) -> Seen {
    let mut seen = Seen { is_up: false, packets: None };
    for attribute in &link.attributes {
        match attribute {
            LinkAttribute::OperState(state) => {
                seen.is_up = *state == State::Up;
            }
            LinkAttribute::Stats64(stats) => {
                seen.packets = Some(stats.rx_packets + stats.tx_packets);
            }
            _ => {}
        }
    }
    seen
}

fn named(device: &str) -> LinkMessage {
    let mut link = LinkMessage::default();
    link.attributes = vec![LinkAttribute::IfName(device.into())];
    link
}

fn card(card: &Card) -> LinkMessage {
    let mut link = LinkMessage::default();
    link.header.index = card.ifindex;
    link.attributes = vec![
        LinkAttribute::IfName(card.device.into()),
        LinkAttribute::Address(card.mac.into()),
    ];
    link
}

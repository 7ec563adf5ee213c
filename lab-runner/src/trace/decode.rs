//! The bytes of one frame -> its headers' fields.

use lab_kit::{Flags, Opt, Proto};
use pnet_packet::Packet;
use pnet_packet::arp::ArpPacket;
use pnet_packet::ethernet::{EtherTypes, EthernetPacket};
use pnet_packet::icmp::IcmpPacket;
use pnet_packet::ip::{IpNextHeaderProtocol, IpNextHeaderProtocols};
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::tcp::TcpPacket;
use pnet_packet::udp::UdpPacket;

/// How many payload bytes are kept.
const KEPT: usize = 64;

/// A frame's fields, absolute, as they stand in the headers.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) macs: ([u8; 6], [u8; 6]),
    pub(super) addresses: (String, String),
    pub(super) ports: (u16, u16),
    pub(super) proto: Proto,
    pub(super) flags: Flags,
    pub(super) seq: u32,
    pub(super) ack: u32,
    pub(super) window: u16,
    pub(super) len: u32,
    pub(super) options: Vec<Opt>,
    /// Absolute ranges of a SACK option.
    pub(super) sack: Vec<(u32, u32)>,
    pub(super) payload: String,
    pub(super) bad_checksum: bool,
}

/// Never fails: what can't be read is named as well as it can be.
pub(super) fn decode(frame: &[u8]) -> Decoded {
    let mut d = Decoded::default();
    let Some(ethernet) = EthernetPacket::new(frame) else {
        d.proto = Proto::Other("runt frame".into());
        return d;
    };
    d.macs =
        (ethernet.get_source().octets(), ethernet.get_destination().octets());
    d.len = ethernet.payload().len() as u32;
    match ethernet.get_ethertype() {
        EtherTypes::Ipv4 => ipv4(ethernet.payload(), &mut d),
        EtherTypes::Arp => {
            d.proto = Proto::Other("arp".into());
            if let Some(arp) = ArpPacket::new(ethernet.payload()) {
                d.addresses.0 = arp.get_sender_proto_addr().to_string();
                d.addresses.1 = arp.get_target_proto_addr().to_string();
            }
        }
        other => d.proto = Proto::Other(format!("ethertype {:04x}", other.0)),
    }
    d
}

fn ipv4(bytes: &[u8], d: &mut Decoded) {
    let Some(ip) = Ipv4Packet::new(bytes) else {
        d.proto = Proto::Other("short ipv4".into());
        return;
    };
    d.addresses =
        (ip.get_source().to_string(), ip.get_destination().to_string());
    let protocol = ip.get_next_level_protocol();
    // payload() honours the total length, so Ethernet padding is cut off.
    let payload = ip.payload();
    d.len = payload.len() as u32;
    let known = match protocol {
        IpNextHeaderProtocols::Tcp => tcp(&ip, payload, d),
        IpNextHeaderProtocols::Udp => udp(payload, d),
        IpNextHeaderProtocols::Icmp => icmp(payload, d),
        _ => None,
    };
    if known.is_none() {
        d.proto = Proto::Other(name(protocol));
    }
}

fn name(protocol: IpNextHeaderProtocol) -> String {
    format!("ip {}", protocol.0)
}

fn tcp(ip: &Ipv4Packet, bytes: &[u8], d: &mut Decoded) -> Option<()> {
    let tcp = TcpPacket::new(bytes)?;
    let header = usize::from(tcp.get_data_offset()) * 4;
    if header < 20 || header > bytes.len() {
        return None;
    }
    d.proto = Proto::Tcp;
    d.ports = (tcp.get_source(), tcp.get_destination());
    d.flags = Flags::from_bits(tcp.get_flags().into());
    d.seq = tcp.get_sequence();
    d.ack = tcp.get_acknowledgement();
    d.window = tcp.get_window();
    let payload = &bytes[header..];
    d.len = payload.len() as u32;
    d.payload = latin1(payload);
    options(&bytes[20..header], d);
    let right = pnet_packet::tcp::ipv4_checksum(
        &tcp,
        &ip.get_source(),
        &ip.get_destination(),
    );
    // A sum of 0x0000 is written 0xffff (CSUM_MANGLED_0): the same in ones'
    // complement.
    let same = right == tcp.get_checksum()
        || (right == 0 && tcp.get_checksum() == 0xffff);
    d.bad_checksum = !same;
    Some(())
}

fn options(mut bytes: &[u8], d: &mut Decoded) {
    while let [kind, rest @ ..] = bytes {
        match *kind {
            0 => return,
            1 => {
                bytes = rest;
                continue;
            }
            _ => {}
        }
        let Some(&len) = rest.first() else { return };
        let len = usize::from(len);
        if len < 2 || len > bytes.len() {
            return;
        }
        let value = &bytes[2..len];
        option(*kind, value, d);
        bytes = &bytes[len..];
    }
}

fn option(kind: u8, value: &[u8], d: &mut Decoded) {
    let known = match (kind, value) {
        (2, &[a, b]) => Opt::Mss(u16::from_be_bytes([a, b])),
        (3, &[shift]) => Opt::Wscale(shift),
        (4, &[]) => Opt::SackOk,
        (5, ranges) => {
            let word = |b: &[u8]| u32::from_be_bytes([b[0], b[1], b[2], b[3]]);
            let pairs = ranges.chunks_exact(8);
            d.sack = pairs.map(|p| (word(&p[..4]), word(&p[4..]))).collect();
            Opt::Sack(Vec::new())
        }
        (8, _) => Opt::Ts,
        (34, cookie) => Opt::FastOpen(cookie.len() as u8),
        _ => Opt::Other(kind),
    };
    d.options.push(known);
}

fn udp(bytes: &[u8], d: &mut Decoded) -> Option<()> {
    let udp = UdpPacket::new(bytes)?;
    d.proto = Proto::Udp;
    d.ports = (udp.get_source(), udp.get_destination());
    d.len = udp.payload().len() as u32;
    d.payload = latin1(udp.payload());
    Some(())
}

fn icmp(bytes: &[u8], d: &mut Decoded) -> Option<()> {
    let icmp = IcmpPacket::new(bytes)?;
    d.proto = Proto::Icmp(icmp.get_icmp_type().0, icmp.get_icmp_code().0);
    Some(())
}

/// One char per byte.
fn latin1(bytes: &[u8]) -> String {
    bytes.iter().take(KEPT).map(|&b| char::from(b)).collect()
}

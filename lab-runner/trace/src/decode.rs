//! The bytes of one frame -> its headers' fields.

use std::net::Ipv4Addr;

use lab_kit::{Flags, Opt, Proto};
use pnet_packet::Packet;
use pnet_packet::arp::ArpPacket;
use pnet_packet::ethernet::{EtherTypes, EthernetPacket};
use pnet_packet::icmp::IcmpPacket;
use pnet_packet::ip::{IpNextHeaderProtocol, IpNextHeaderProtocols};
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::tcp::TcpPacket;
use pnet_packet::udp::UdpPacket;

use crate::packet::{Checksum, verified};

/// How many payload bytes are kept.
const KEPT: usize = 64;

/// A frame's fields, absolute, as they stand in the headers.
#[derive(Debug, Default)]
pub(super) struct Decoded {
    pub(super) macs: ([u8; 6], [u8; 6]),
    /// Of IPv4 and ARP.
    pub(super) addresses: (Option<Ipv4Addr>, Option<Ipv4Addr>),
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
                d.addresses.0 = Some(arp.get_sender_proto_addr());
                d.addresses.1 = Some(arp.get_target_proto_addr());
            }
        }
        other => d.proto = Proto::Other(format!("ethertype {:04x}", other.0)),
    }
    d
}

/// The packet in a frame, without Ethernet's header and padding.
pub(super) fn packet(frame: &[u8]) -> &[u8] {
    let packet = frame.get(14..).unwrap_or(&[]);
    match (&frame[..frame.len().min(14)], packet) {
        ([.., 8, 0], [_, _, a, b, ..]) => {
            let total = usize::from(u16::from_be_bytes([*a, *b]));
            packet.get(..total).unwrap_or(packet)
        }
        _ => packet,
    }
}

fn ipv4(bytes: &[u8], d: &mut Decoded) {
    let Some(ip) = Ipv4Packet::new(bytes) else {
        d.proto = Proto::Other("short ipv4".into());
        return;
    };
    d.addresses = (Some(ip.get_source()), Some(ip.get_destination()));
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
    let ends = (ip.get_source().into(), ip.get_destination().into());
    d.bad_checksum = verified(bytes, ends) != Checksum::Right;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A SYN as Linux sends it: MSS, SACK permitted, timestamps, window scale.
    fn syn() -> Vec<u8> {
        let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0];
        frame.extend([0x45, 0, 0, 60, 0, 0, 0x40, 0, 64, 6, 0, 0]);
        frame.extend([192, 0, 2, 1, 192, 0, 2, 2]);
        frame.extend([0x9c, 0x40, 0x1b, 0x58, 0, 0, 0, 9, 0, 0, 0, 0]);
        frame.extend([0xa0, 2, 0xfa, 0xf0, 0, 0, 0, 0]);
        frame.extend([2, 4, 5, 0xb4, 4, 2, 8, 10, 0, 0, 0, 1]);
        frame.extend([0, 0, 0, 0, 1, 3, 3, 7]);
        frame
    }

    #[test]
    fn a_syn_is_read_with_its_options() {
        let d = decode(&syn());
        let options: Vec<_> = d.options.iter().map(|o| o.to_string()).collect();
        assert_eq!(options, ["mss 1460", "sackOK", "TS", "wscale"]);
        assert_eq!((d.ports, d.seq, d.len), ((40000, 7000), 9, 0));
        assert_eq!(d.flags.0, "S");
        assert!(d.bad_checksum, "nobody computed one");
    }

    #[test]
    fn padding_is_no_payload() {
        let mut frame = syn();
        let whole = frame.len();
        frame.extend([0; 6]);
        assert_eq!(decode(&frame).len, 0);
        assert_eq!(packet(&frame), &frame[14..whole]);
    }

    #[test]
    fn no_frame_is_too_broken() {
        let mut state = 1u64;
        let mut random = || {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1);
            (state >> 33) as usize
        };
        for _ in 0..200_000 {
            let mut frame = syn();
            for _ in 0..random() % 6 {
                let at = random() % frame.len();
                frame[at] = random() as u8;
            }
            frame.truncate(random() % (frame.len() + 1));
            assert!(packet(&frame).len() <= frame.len());
            let d = decode(&frame);
            assert!(d.len as usize <= frame.len());
        }
    }
}

//! A frame -> what rules and scripts ask about it.

use lab_kit::Flags;
use pnet_packet::Packet;
use pnet_packet::ethernet::{EtherTypes, EthernetPacket};
use pnet_packet::ip::IpNextHeaderProtocols;
use pnet_packet::ipv4::Ipv4Packet;
use pnet_packet::tcp::TcpPacket;

/// What a rule can see of a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// It is an IPv4 packet: only those are counted.
    pub(crate) ip: bool,
    pub(crate) flags: Flags,
    /// Bytes of TCP payload.
    pub(crate) len: u32,
}

impl Summary {
    pub(crate) fn of(frame: &[u8]) -> Summary {
        let mut summary = Summary::default();
        let Some(ethernet) = EthernetPacket::new(frame) else { return summary };
        if ethernet.get_ethertype() != EtherTypes::Ipv4 {
            return summary;
        }
        let Some(ip) = Ipv4Packet::new(ethernet.payload()) else {
            return summary;
        };
        summary.ip = true;
        if ip.get_next_level_protocol() != IpNextHeaderProtocols::Tcp {
            return summary;
        }
        if let Some(tcp) = TcpPacket::new(ip.payload()) {
            summary.flags = Flags::from_bits(tcp.get_flags().into());
            summary.len = tcp.payload().len() as u32;
        }
        summary
    }
}

/// Spoils the last byte of the packet, which the checksums then disown.
pub(super) fn flip_a_bit(frame: &mut [u8]) {
    if let Some(last) = frame.last_mut() {
        *last ^= 1;
    }
}

//! The bytes of a frame of any link that IP travels on -> the IP packet in it,
//! and the TCP, UDP or ICMP in that, as far as they were kept.
//!
//! Nothing is copied, nothing fails in the middle: a packet that was cut says
//! how long it was.

mod link;
mod options;
mod transport;

use std::net::IpAddr;

use etherparse::LaxIpSlice;

pub use link::NotIp;
pub use options::{Options, shown};
pub(crate) use transport::verified;
pub use transport::{Checksum, Icmp, Tcp, Udp};

/// An IP packet.
#[derive(Debug, Clone)]
pub struct Packet<'a> {
    /// Sender and receiver.
    pub addresses: (IpAddr, IpAddr),
    /// Time to live, hop limit.
    pub ttl: u8,
    /// IPv4's identification.
    pub id: Option<u16>,
    /// Where it belongs in a packet that was cut in parts.
    pub fragment: Option<Fragment>,
    /// What it carries.
    pub inner: Inner<'a>,
    /// The packet, as far as it was kept; without padding.
    pub bytes: &'a [u8],
    /// Its length on the wire.
    pub len: u32,
}

/// A part of an IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// What the parts of one packet have in common, besides the addresses.
    pub id: u32,
    /// Bytes of the packet's payload before it.
    pub offset: u32,
    /// Bytes of the packet's payload in it.
    pub len: u32,
}

/// What an IP packet carries.
#[derive(Debug, Clone)]
pub enum Inner<'a> {
    /// A TCP segment.
    Tcp(Tcp<'a>),
    /// A UDP datagram.
    Udp(Udp<'a>),
    /// ICMP of either version.
    Icmp(Icmp<'a>),
    /// A later fragment, whose protocol has this number.
    Part(u8),
    /// Cut before its ports and flags.
    Cut(u8),
    /// Another protocol, by its number.
    Other(u8),
}

/// Finds the packet in a frame of this LINKTYPE_ that was `wire` bytes long.
///
/// # Errors
/// What it is instead.
pub fn packet(link: u32, frame: &[u8], wire: u32) -> Result<Packet<'_>, NotIp> {
    let bytes = link::payload(link, frame)?;
    let before = (frame.len() - bytes.len()) as u32;
    ip(bytes, wire.saturating_sub(before).max(bytes.len() as u32))
}

/// An IP packet of which `bytes` were kept; `wire` is how long it can be.
///
/// # Errors
/// What it is instead.
pub fn ip(bytes: &[u8], wire: u32) -> Result<Packet<'_>, NotIp> {
    let Ok((slice, _)) = LaxIpSlice::from_slice(bytes) else {
        return Err(NotIp::Broken);
    };
    match &slice {
        LaxIpSlice::Ipv4(v4) => {
            let header = v4.header();
            let total = match u32::from(header.total_len()) {
                // Too long for the field: what no wire has, but a sender does.
                0 => wire,
                total => total,
            };
            let offset = u32::from(header.fragments_offset().value()) * 8;
            let parts = header.is_fragmenting_payload();
            let head = header.slice().len() as u32 + exts(v4, bytes);
            let whole = Whole {
                addresses: (
                    IpAddr::V4(header.source_addr()),
                    IpAddr::V4(header.destination_addr()),
                ),
                total,
                head,
                protocol: v4.payload().ip_number.0,
                fragment: parts
                    .then_some((u32::from(header.identification()), offset)),
            };
            let ttl = header.ttl();
            let id = Some(header.identification());
            Ok(whole.packet(bytes, v4.payload().payload, ttl, id))
        }
        LaxIpSlice::Ipv6(v6) => {
            let header = v6.header();
            let total = match u32::from(header.payload_length()) {
                0 => wire,
                payload => payload + 40,
            };
            let payload = v6.payload();
            let head = offset_of(bytes, payload.payload);
            let whole = Whole {
                addresses: (
                    IpAddr::V6(header.source_addr()),
                    IpAddr::V6(header.destination_addr()),
                ),
                total,
                head,
                protocol: payload.ip_number.0,
                fragment: fragment_v6(&bytes[..head as usize]),
            };
            Ok(whole.packet(bytes, payload.payload, header.hop_limit(), None))
        }
    }
}

/// Bytes of an authentication header, which etherparse takes off too.
fn exts(v4: &etherparse::LaxIpv4Slice, bytes: &[u8]) -> u32 {
    let at = offset_of(bytes, v4.payload().payload);
    at.saturating_sub(v4.header().slice().len() as u32)
}

fn offset_of(whole: &[u8], part: &[u8]) -> u32 {
    let at = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    at.min(whole.len()) as u32
}

/// Identification and offset in the fragment header among these headers.
fn fragment_v6(headers: &[u8]) -> Option<(u32, u32)> {
    let mut next = *headers.get(6)?;
    let mut rest = headers.get(40..)?;
    loop {
        let (&then, &len) = (rest.first()?, rest.get(1)?);
        match next {
            44 => {
                let cut = u16::from_be_bytes([*rest.get(2)?, *rest.get(3)?]);
                let id = rest.get(4..8)?.try_into().ok()?;
                let is_part = cut & 0xfff9 != 0;
                let offset = u32::from(cut & 0xfff8);
                return is_part.then_some((u32::from_be_bytes(id), offset));
            }
            0 | 43 | 60 | 135 => {
                rest = rest.get(usize::from(len) * 8 + 8..)?;
            }
            51 => rest = rest.get((usize::from(len) + 2) * 4..)?,
            _ => return None,
        }
        next = then;
    }
}

/// What the IP headers say.
struct Whole {
    addresses: (IpAddr, IpAddr),
    total: u32,
    head: u32,
    protocol: u8,
    fragment: Option<(u32, u32)>,
}

impl Whole {
    fn packet<'a>(
        self,
        bytes: &'a [u8],
        payload: &'a [u8],
        ttl: u8,
        id: Option<u16>,
    ) -> Packet<'a> {
        let len = self.total.saturating_sub(self.head);
        let kept = payload.len().min(len as usize);
        let payload = &payload[..kept];
        let fragment = self.fragment;
        let part = fragment.map(|(id, offset)| Fragment { id, offset, len });
        let inner = match part {
            Some(part) if part.offset > 0 => Inner::Part(self.protocol),
            _ => transport::inner(
                self.protocol,
                payload,
                len,
                self.addresses,
                part.is_some(),
            ),
        };
        let kept = bytes.len().min(self.total as usize);
        Packet {
            addresses: self.addresses,
            ttl,
            id,
            fragment: part,
            inner,
            bytes: &bytes[..kept],
            len: self.total,
        }
    }
}

#[cfg(test)]
mod tests;

//! A frame and its LINKTYPE_ -> the IP packet's bytes.

use std::fmt;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const VLAN: [u16; 3] = [0x8100, 0x88a8, 0x9100];
const PPPOE: u16 = 0x8864;

/// Why there is no IP packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotIp {
    /// ARP and the like, by its ethertype.
    Ethertype(u16),
    /// Cut, or not what its header says.
    Broken,
    /// A link that we don't read, by its LINKTYPE_.
    Link(u32),
}

impl fmt::Display for NotIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotIp::Ethertype(kind) => write!(f, "ethertype {kind:04x}"),
            NotIp::Broken => f.write_str("no whole IP header"),
            NotIp::Link(link) => write!(f, "link type {link}"),
        }
    }
}

pub(super) fn payload(link: u32, frame: &[u8]) -> Result<&[u8], NotIp> {
    match link {
        // BSD loopback: the sender's number of the family, in its byte order.
        0 | 108 => by_version(rest(frame, 4)?),
        1 => tagged(u16_at(frame, 12)?, rest(frame, 14)?),
        12 | 14 | 101 | 228 | 229 => by_version(frame),
        // Linux cooked: "any" writes it.
        113 => tagged(u16_at(frame, 14)?, rest(frame, 16)?),
        276 => tagged(u16_at(frame, 0)?, rest(frame, 20)?),
        other => Err(NotIp::Link(other)),
    }
}

/// Takes tags off: 802.1Q, 802.1ad, PPPoE.
fn tagged(mut kind: u16, mut bytes: &[u8]) -> Result<&[u8], NotIp> {
    loop {
        match kind {
            IPV4 | IPV6 => return Ok(bytes),
            tag if VLAN.contains(&tag) => {
                kind = u16_at(bytes, 2)?;
                bytes = rest(bytes, 4)?;
            }
            PPPOE => return by_version(rest(bytes, 8)?),
            other => return Err(NotIp::Ethertype(other)),
        }
    }
}

fn by_version(bytes: &[u8]) -> Result<&[u8], NotIp> {
    match bytes.first().map(|first| first >> 4) {
        Some(4 | 6) => Ok(bytes),
        _ => Err(NotIp::Broken),
    }
}

fn rest(bytes: &[u8], from: usize) -> Result<&[u8], NotIp> {
    bytes.get(from..).ok_or(NotIp::Broken)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16, NotIp> {
    match bytes.get(at..at + 2) {
        Some(&[a, b]) => Ok(u16::from_be_bytes([a, b])),
        _ => Err(NotIp::Broken),
    }
}

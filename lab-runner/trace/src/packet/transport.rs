//! What an IP packet carries -> the fields of TCP, UDP and ICMP.

use std::net::IpAddr;

use super::{Inner, Options};

/// A TCP segment.
#[derive(Debug, Clone)]
pub struct Tcp<'a> {
    /// Sender's and receiver's.
    pub ports: (u16, u16),
    /// Sequence number.
    pub seq: u32,
    /// Acknowledgement number; means something only with the flag.
    pub ack: u32,
    /// As in the header: FIN is 1, SYN 2, RST 4, PSH 8, ACK 16.
    pub flags: u8,
    /// Not scaled.
    pub window: u16,
    /// Read.
    pub options: Options,
    /// As they were.
    pub option_bytes: &'a [u8],
    /// What was kept of the data.
    pub payload: &'a [u8],
    /// Bytes of data that were sent.
    pub len: u32,
    /// Bytes of the header.
    pub header: u32,
    /// Whether it adds up.
    pub checksum: Checksum,
    /// As it stands there.
    pub sum: u16,
}

/// Whether a packet was changed on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Checksum {
    /// It adds up.
    Right,
    /// It doesn't.
    Wrong,
    /// It holds what the kernel leaves there for a network card to complete.
    NotYet,
    /// The packet was cut, or has none.
    Unknown,
}

/// A UDP datagram.
#[derive(Debug, Clone)]
pub struct Udp<'a> {
    /// Sender's and receiver's.
    pub ports: (u16, u16),
    /// What was kept of the data.
    pub payload: &'a [u8],
    /// Bytes of data that were sent.
    pub len: u32,
}

/// ICMP of either version.
#[derive(Debug, Clone)]
pub struct Icmp<'a> {
    /// Of IPv6, where kinds and codes are others.
    pub v6: bool,
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
    /// The second word: the next link's MTU, where it tells one.
    pub word: u32,
    /// The packet that it complains of, as far as it is there.
    pub quoted: &'a [u8],
}

pub(super) fn inner<'a>(
    protocol: u8,
    bytes: &'a [u8],
    len: u32,
    addresses: (IpAddr, IpAddr),
    in_parts: bool,
) -> Inner<'a> {
    let known = match protocol {
        6 => tcp(bytes, len, addresses, in_parts).map(Inner::Tcp),
        17 => udp(bytes, len).map(Inner::Udp),
        1 | 58 => icmp(bytes, protocol == 58).map(Inner::Icmp),
        other => return Inner::Other(other),
    };
    known.unwrap_or(Inner::Cut(protocol))
}

fn tcp<'a>(
    bytes: &'a [u8],
    len: u32,
    addresses: (IpAddr, IpAddr),
    in_parts: bool,
) -> Option<Tcp<'a>> {
    let fixed: &[u8; 20] = bytes.first_chunk()?;
    let header = u32::from(fixed[12] >> 4) * 4;
    if header < 20 || header > len {
        return None;
    }
    let kept = bytes.len().min(header as usize);
    let option_bytes = &bytes[20..kept];
    let whole = bytes.len() == len as usize && !in_parts;
    let checksum = match whole {
        true => verified(bytes, addresses),
        false => Checksum::Unknown,
    };
    let (short, word) = (|at| short(fixed, at), |at| word(fixed, at));
    Some(Tcp {
        ports: (short(0), short(2)),
        seq: word(4),
        ack: word(8),
        flags: fixed[13],
        window: short(14),
        options: Options::read(option_bytes),
        option_bytes,
        payload: &bytes[kept..],
        len: len - header,
        header,
        checksum,
        sum: short(16),
    })
}

fn udp(bytes: &[u8], len: u32) -> Option<Udp<'_>> {
    let fixed: &[u8; 8] = bytes.first_chunk()?;
    let said = u32::from(short(fixed, 4));
    let len = if said >= 8 { said.min(len) } else { len };
    let end = bytes.len().min(len.max(8) as usize);
    Some(Udp {
        ports: (short(fixed, 0), short(fixed, 2)),
        payload: &bytes[8..end],
        len: len.saturating_sub(8),
    })
}

fn icmp(bytes: &[u8], v6: bool) -> Option<Icmp<'_>> {
    let fixed: &[u8; 8] = bytes.first_chunk()?;
    let word = word(fixed, 4);
    let quoted = &bytes[8..];
    Some(Icmp { v6, kind: fixed[0], code: fixed[1], word, quoted })
}

fn short(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from(short(bytes, at)) << 16 | u32::from(short(bytes, at + 2))
}

/// The sum over a whole segment and its pseudo header is all ones. A kernel
/// that leaves the work to its card has put the pseudo header's sum into the
/// field (CHECKSUM_PARTIAL), and of a segment that the card is to cut, perhaps
/// without the length.
pub(crate) fn verified(bytes: &[u8], addresses: (IpAddr, IpAddr)) -> Checksum {
    let pseudo = 6 + match addresses {
        (IpAddr::V4(a), IpAddr::V4(b)) => sum(&a.octets()) + sum(&b.octets()),
        (IpAddr::V6(a), IpAddr::V6(b)) => sum(&a.octets()) + sum(&b.octets()),
        _ => return Checksum::Unknown,
    };
    let len = bytes.len() as u64;
    if folded(pseudo + len + sum(bytes)) == 0xffff {
        return Checksum::Right;
    }
    let field = short(bytes, 16);
    match field == folded(pseudo + len) || field == folded(pseudo) {
        true => Checksum::NotYet,
        false => Checksum::Wrong,
    }
}

/// The ones' complement sum of 16-bit words is that of 32-bit words, folded, in
/// either order of bytes (RFC 1071, section 2): so the longest part of decoding
/// is as quick as the machine adds.
fn sum(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<4>();
    let mut last = [0; 4];
    last[..rest.len()].copy_from_slice(rest);
    let all = words.iter().chain([&last]);
    let sum: u64 = all.map(|word| u64::from(u32::from_ne_bytes(*word))).sum();
    u64::from(u16::from_be(folded(sum)))
}

fn folded(mut sum: u64) -> u16 {
    while sum > 0xffff {
        sum = (sum >> 16) + (sum & 0xffff);
    }
    sum as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_any_size_add_up_to_the_same() {
        let by_two = |bytes: &[u8]| {
            let pairs = bytes.chunks(2).map(|pair| {
                let low = pair.get(1).copied().unwrap_or(0);
                u64::from(u16::from_be_bytes([pair[0], low]))
            });
            folded(pairs.sum())
        };
        let mut noise = 1u32;
        for len in (0..70).chain([1447, 1448, 65_535]) {
            let bytes = (0..len).map(|_| {
                noise = noise.wrapping_mul(1_664_525).wrapping_add(1);
                (noise >> 24) as u8
            });
            let bytes: Vec<u8> = bytes.collect();
            assert_eq!(folded(sum(&bytes)), by_two(&bytes), "{len} bytes");
            let ones = vec![0xff; len];
            assert_eq!(folded(sum(&ones)), by_two(&ones), "{len} ones");
            assert_eq!(sum(&vec![0; len]), 0, "{len} zeros");
        }
    }
}

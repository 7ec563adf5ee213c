//! A packet's bytes, each with its field's name: for experiments that keep
//! bytes ([`Experiment::keeps_bytes`](crate::Experiment::keeps_bytes)).

use std::net::Ipv4Addr;

use super::{Bytes, Figure};
use crate::claim::Moment;
use crate::trace::{Flags, Proto, Segment};

impl Moment<'_> {
    /// Every byte of the whole packet, named (RFC 791, 9293, 768, 792).
    pub fn packet(&self) -> Bytes {
        let Some(segment) = self.segment() else { return Bytes::default() };
        let view = ip(segment);
        let from = segment.ip_header().len();
        transport(segment, view, from)
    }

    /// The bytes after the IP header, named.
    pub fn after_ip(&self) -> Bytes {
        let Some(segment) = self.segment() else { return Bytes::default() };
        transport(segment, Figure::bytes(segment.transport()), 0)
    }
}

/// Big-endian: the first byte counts most.
fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |all, &byte| all << 8 | u64::from(byte))
}

fn ip(segment: &Segment) -> Bytes {
    let bytes = &segment.bytes;
    let view = Figure::bytes(bytes);
    let len = segment.ip_header().len();
    if len < 20 {
        return view.field(0..bytes.len(), "not IPv4", "");
    }
    let two = |at: usize| number(&bytes[at..at + 2]);
    let address = |at: usize| {
        let octets: [u8; 4] = std::array::from_fn(|n| bytes[at + n]);
        Ipv4Addr::from(octets)
    };
    let words = bytes[0] & 15;
    let cut = match (bytes[6] >> 5, two(6) & 0x1fff) {
        (2, 0) => "don't fragment".into(),
        (0, 0) => "none".into(),
        (flags, offset) => format!("flags {flags:03b}, offset {offset}"),
    };
    view.field(0..1, "version, header length", {
        format!("{}, {words} words = {len} bytes", bytes[0] >> 4)
    })
    .field(1..2, "DSCP, ECN", format!("{}, {}", bytes[1] >> 2, bytes[1] & 3))
    .field(2..4, "total length", two(2))
    .field(4..6, "identification", two(4))
    .field(6..8, "flags, fragment offset", cut)
    .field(8..9, "time to live", bytes[8])
    .field(
        9..10,
        "protocol",
        match bytes[9] {
            1 => "1: ICMP".into(),
            6 => "6: TCP".into(),
            17 => "17: UDP".into(),
            other => other.to_string(),
        },
    )
    .field(10..12, "header checksum", format!("{:#06x}", two(10)))
    .field(12..16, "source", address(12))
    .field(16..20, "destination", address(16))
    .field(20..len, "IP options", "")
}

fn transport(segment: &Segment, view: Bytes, from: usize) -> Bytes {
    let bytes = segment.transport();
    match segment.proto {
        Proto::Tcp if bytes.len() >= 20 => tcp(bytes, view, from),
        Proto::Udp | Proto::Icmp(..) if bytes.len() >= 8 => {
            let view = match segment.proto {
                Proto::Udp => udp(bytes, view, from),
                _ => icmp(bytes, view, from),
            };
            data(&bytes[8..], view, from + 8)
        }
        _ => data(bytes, view, from),
    }
}

fn tcp(bytes: &[u8], view: Bytes, from: usize) -> Bytes {
    let two = |at: usize| number(&bytes[at..at + 2]);
    let four = |at: usize| number(&bytes[at..at + 4]);
    let words = bytes[12] >> 4;
    let header = (usize::from(words) * 4).clamp(20, bytes.len());
    let flags = Flags::from_bits(bytes[13].into());
    let view = view
        .field(from..from + 2, "source port", two(0))
        .field(from + 2..from + 4, "destination port", two(2))
        .field(from + 4..from + 8, "sequence number", four(4))
        .field(from + 8..from + 12, "acknowledgement number", four(8))
        .field(from + 12..from + 13, "data offset", {
            format!("{words} words = {header} bytes")
        })
        .field(from + 13..from + 14, "flags", flags.words())
        .field(from + 14..from + 16, "window", two(14))
        .field(from + 16..from + 18, "checksum", format!("{:#06x}", two(16)))
        .field(from + 18..from + 20, "urgent pointer", two(18));
    let view = options(&bytes[20..header], view, from + 20);
    data(&bytes[header..], view, from + header)
}

fn options(mut bytes: &[u8], mut view: Bytes, mut from: usize) -> Bytes {
    while let [kind, rest @ ..] = bytes {
        let len = match kind {
            0 | 1 => 1,
            _ => rest.first().map_or(1, |&len| usize::from(len).max(2)),
        };
        let len = len.min(bytes.len());
        let value = bytes.get(2..len).unwrap_or_default();
        let (name, meaning) = match kind {
            0 => ("end of options", String::new()),
            1 => ("option: no operation", "padding".into()),
            2 => ("option: MSS", number(value).to_string()),
            3 => ("option: window scale", format!("shift {}", number(value))),
            4 => ("option: SACK permitted", String::new()),
            5 => ("option: SACK", String::new()),
            8 if value.len() == 8 => {
                let [value, echo] = [&value[..4], &value[4..]].map(number);
                ("option: timestamps", format!("{value}, echo {echo}"))
            }
            _ => ("option", format!("kind {kind}{}", rarer(*kind))),
        };
        view = view.field(from..from + len, name, meaning);
        bytes = &bytes[len..];
        from += len;
    }
    view
}

/// Of an option whose value we don't read (IANA's registry).
fn rarer(kind: u8) -> &'static str {
    match kind {
        14 => ": alternate checksum request",
        19 => ": MD5 signature",
        28 => ": user timeout",
        29 => ": authentication",
        30 => ": multipath",
        34 => ": fast open cookie",
        253 | 254 => ": experiment",
        _ => "",
    }
}

fn udp(bytes: &[u8], view: Bytes, from: usize) -> Bytes {
    let two = |at: usize| number(&bytes[at..at + 2]);
    let sum = match two(6) {
        0 => "none".into(),
        sum => format!("{sum:#06x}"),
    };
    view.field(from..from + 2, "source port", two(0))
        .field(from + 2..from + 4, "destination port", two(2))
        .field(from + 4..from + 6, "length", two(4))
        .field(from + 6..from + 8, "checksum", sum)
}

fn icmp(bytes: &[u8], view: Bytes, from: usize) -> Bytes {
    let two = |at: usize| number(&bytes[at..at + 2]);
    let (kind, names) = match bytes[0] {
        0 => ("0: echo reply".into(), ["identifier", "sequence number"]),
        8 => ("8: echo request".into(), ["identifier", "sequence number"]),
        3 => ("3: unreachable".into(), ["unused", "next hop's MTU"]),
        other => (other.to_string(), ["rest of", "the header"]),
    };
    view.field(from..from + 1, "type", kind)
        .field(from + 1..from + 2, "code", bytes[1])
        .field(from + 2..from + 4, "checksum", format!("{:#06x}", two(2)))
        .field(from + 4..from + 6, names[0], two(4))
        .field(from + 6..from + 8, names[1], two(6))
}

fn data(bytes: &[u8], view: Bytes, from: usize) -> Bytes {
    let text = bytes.iter().take(24).all(|b| (b' '..=b'~').contains(b));
    let meaning = match text {
        true => String::from_utf8_lossy(&bytes[..bytes.len().min(24)]).into(),
        false => String::new(),
    };
    view.field(from..from + bytes.len(), "data", meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A SYN's TCP header, with an MSS and a window scale.
    const SYN: [u8; 28] = [
        0x9c, 0x40, 0x1f, 0x90, 0, 0, 0, 9, 0, 0, 0, 0, 0x70, 2, 0xfa, 0xf0,
        0x12, 0x34, 0, 0, 2, 4, 5, 0xb4, 1, 3, 3, 7,
    ];

    #[test]
    fn every_byte_of_a_header_has_one_name() {
        let view = tcp(&SYN, Figure::bytes(&SYN), 0);
        let ends: Vec<usize> =
            view.fields.iter().map(|f| f.at + f.len).collect();
        let starts: Vec<usize> = view.fields.iter().map(|f| f.at).collect();
        assert_eq!(starts[0], 0);
        assert_eq!(starts[1..], ends[..ends.len() - 1]);
        assert_eq!(ends.last(), Some(&SYN.len()));
        let meant: Vec<&str> =
            view.fields.iter().map(|f| f.meaning.as_str()).collect();
        assert_eq!(meant[1], "8080");
        assert_eq!(meant[5], "SYN");
        assert_eq!(&meant[9..], ["1460", "padding", "shift 7"]);
    }

    /// The browser names the same (book/widgets/tests/bytes.test.mjs).
    #[test]
    fn packets_are_named_as_in_the_browser() {
        #[derive(serde::Deserialize)]
        struct Case {
            what: String,
            #[serde(with = "crate::hex")]
            hex: Vec<u8>,
            fields: Vec<(usize, usize, String, String)>,
        }
        let cases = include_str!("packets.json");
        let cases: Vec<Case> = serde_json::from_str(cases).unwrap();
        assert!(!cases.is_empty());
        for Case { what, hex, fields } in cases {
            let proto = match hex[9] {
                1 => Proto::Icmp(0, 0),
                6 => Proto::Tcp,
                17 => Proto::Udp,
                _ => Proto::Other(String::new()),
            };
            let segment = Segment { bytes: hex, proto, ..Segment::default() };
            let from = segment.ip_header().len();
            let view = transport(&segment, ip(&segment), from);
            let named = view.fields.into_iter().filter(|f| f.len > 0);
            let named = named.map(|f| (f.at, f.at + f.len, f.name, f.meaning));
            assert_eq!(named.collect::<Vec<_>>(), fields, "{what}");
        }
    }

    #[test]
    fn no_header_is_too_short_or_too_broken() {
        for cut in 0..SYN.len() {
            for broken in [0, 1, 2, 255] {
                let mut bytes = SYN[..cut].to_vec();
                if let Some(last) = bytes.last_mut() {
                    *last = broken;
                }
                let view = Figure::bytes(&bytes);
                options(&bytes, view.clone(), 0);
                if cut >= 20 {
                    tcp(&bytes, view, 0);
                }
            }
        }
    }
}

//! What a packet that isn't TCP's is for.

use crate::trace::{Proto, Segment};

pub(super) fn meaning(segment: &Segment) -> String {
    match &segment.proto {
        Proto::Udp => format!("a datagram of {}", bytes(segment.len)),
        Proto::Icmp(kind, code) => icmp(*kind, *code),
        Proto::Other(name) if name == "arp" => {
            "ARP: which MAC address has an IPv4 address".into()
        }
        Proto::Other(name) => format!("neither TCP, UDP nor ICMP: {name}"),
        Proto::Tcp => String::new(),
    }
}

pub(super) fn bytes(count: u32) -> String {
    match count {
        1 => "1 byte".into(),
        n => format!("{n} bytes"),
    }
}

/// As IANA's registry of ICMP parameters names them.
fn icmp(kind: u8, code: u8) -> String {
    let name = match (kind, code) {
        (0, _) => "echo reply",
        (3, 0) => "net unreachable",
        (3, 1) => "host unreachable",
        (3, 2) => "protocol unreachable",
        (3, 3) => "port unreachable",
        (3, 4) => "fragmentation needed and Don't Fragment was set",
        (3, 9 | 10 | 13) => "communication administratively prohibited",
        (3, _) => "destination unreachable",
        (4, _) => "source quench",
        (5, _) => "redirect",
        (8, _) => "echo request",
        (11, 0) => "time to live exceeded in transit",
        (11, _) => "fragment reassembly time exceeded",
        (12, _) => "parameter problem",
        _ => return format!("ICMP type {kind}, code {code}"),
    };
    format!("ICMP: {name}")
}

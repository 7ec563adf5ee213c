//! Parts of an IP packet -> TCP segments of their own: a later part has no
//! ports, but continues where the first one told.

use std::collections::VecDeque;
use std::net::IpAddr;

use lab_trace::packet::{Checksum, Inner, Options, Packet, Tcp};

/// First parts that are remembered.
const KEPT: usize = 64;

struct First {
    addresses: (IpAddr, IpAddr),
    id: u32,
    ports: (u16, u16),
    seq: u32,
    ack: u32,
    window: u16,
    header: u32,
}

#[derive(Default)]
pub(crate) struct Fragments(VecDeque<First>);

impl Fragments {
    /// Gives a later part the ports and the number of its packet.
    pub(crate) fn join(&mut self, packet: &mut Packet) {
        let Some(part) = packet.fragment else { return };
        match &packet.inner {
            Inner::Tcp(tcp) => {
                if self.0.len() == KEPT {
                    self.0.pop_front();
                }
                self.0.push_back(First {
                    addresses: packet.addresses,
                    id: part.id,
                    ports: tcp.ports,
                    seq: tcp.seq,
                    ack: tcp.ack,
                    window: tcp.window,
                    header: tcp.header,
                });
            }
            Inner::Part(6) => {
                let is_of = |first: &&First| {
                    first.addresses == packet.addresses && first.id == part.id
                };
                let Some(first) = self.0.iter().rev().find(is_of) else {
                    return;
                };
                let before = part.offset.saturating_sub(first.header);
                packet.inner = Inner::Tcp(Tcp {
                    ports: first.ports,
                    seq: first.seq.wrapping_add(before),
                    ack: first.ack,
                    flags: super::heard::ACK,
                    window: first.window,
                    options: Options::default(),
                    option_bytes: &[],
                    payload: &[],
                    len: part.len,
                    header: 0,
                    checksum: Checksum::Unknown,
                    sum: 0,
                });
            }
            _ => {}
        }
    }
}

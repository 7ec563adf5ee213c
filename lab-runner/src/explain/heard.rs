//! A captured frame -> what the analysis takes of it.

use std::net::SocketAddr;

use lab_trace::packet::{Checksum, Icmp, Inner, Options, Packet};

pub(crate) const FIN: u8 = 1;
pub(crate) const SYN: u8 = 2;
pub(crate) const RST: u8 = 4;
pub(crate) const ACK: u8 = 16;

/// A TCP segment or UDP datagram of the file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Heard {
    /// Its number in the file, from 1.
    pub(crate) n: u64,
    /// Nanoseconds.
    pub(crate) at: i64,
    pub(crate) interface: u32,
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) tcp: bool,
    pub(crate) ttl: u8,
    pub(crate) id: Option<u16>,
    pub(crate) flags: u8,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
    pub(crate) window: u16,
    /// Bytes of data.
    pub(crate) len: u32,
    /// Bytes of the IP packet.
    pub(crate) size: u32,
    pub(crate) options: Options,
    pub(crate) checksum: Checksum,
    pub(crate) sum: u16,
    /// Of UDP: what a query and its answer have in common.
    pub(crate) query: u16,
}

impl Heard {
    pub(crate) fn of(
        n: u64,
        at: i64,
        interface: u32,
        packet: &Packet,
    ) -> Option<Heard> {
        let mut heard = Heard {
            n,
            at,
            interface,
            from: SocketAddr::new(packet.addresses.0, 0),
            to: SocketAddr::new(packet.addresses.1, 0),
            tcp: true,
            ttl: packet.ttl,
            id: packet.id,
            flags: 0,
            seq: 0,
            ack: 0,
            window: 0,
            len: 0,
            size: packet.len,
            options: Options::default(),
            checksum: Checksum::Unknown,
            sum: 0,
            query: 0,
        };
        match &packet.inner {
            Inner::Tcp(tcp) => {
                heard.flags = tcp.flags;
                (heard.seq, heard.ack) = (tcp.seq, tcp.ack);
                (heard.window, heard.len) = (tcp.window, tcp.len);
                (heard.checksum, heard.sum) = (tcp.checksum, tcp.sum);
                heard.options = tcp.options;
                heard.set_ports(tcp.ports);
            }
            Inner::Udp(udp) => {
                heard.tcp = false;
                heard.len = udp.len;
                if let [a, b, ..] = *udp.payload {
                    heard.query = u16::from_be_bytes([a, b]);
                }
                heard.set_ports(udp.ports);
            }
            _ => return None,
        }
        Some(heard)
    }

    fn set_ports(&mut self, ports: (u16, u16)) {
        self.from.set_port(ports.0);
        self.to.set_port(ports.1);
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// It opens a connection.
    pub(crate) fn is_syn(&self) -> bool {
        self.tcp && self.flags & (SYN | ACK | RST) == SYN
    }

    pub(crate) fn is_syn_ack(&self) -> bool {
        self.flags & (SYN | ACK | RST) == SYN | ACK
    }

    /// Nothing but an acknowledgement.
    pub(crate) fn is_pure_ack(&self) -> bool {
        self.len == 0 && self.flags & (SYN | FIN | RST | ACK) == ACK
    }
}

/// Whom an ICMP complaint is about: protocol, sender and receiver of the
/// packet that it quotes.
pub(crate) fn quoted(icmp: &Icmp) -> Option<(bool, SocketAddr, SocketAddr)> {
    let bytes = icmp.quoted;
    let packet = lab_trace::packet::ip(bytes, bytes.len() as u32).ok()?;
    let (from, to) = packet.addresses;
    let tcp = match packet.inner {
        Inner::Tcp(_) | Inner::Cut(6) => true,
        Inner::Udp(_) | Inner::Cut(17) => false,
        _ => return None,
    };
    let head = match from.is_ipv4() {
        true => usize::from(bytes.first()? & 15) * 4,
        false => 40,
    };
    let ports: &[u8; 4] = bytes.get(head..)?.first_chunk()?;
    let port = |at: usize| u16::from_be_bytes([ports[at], ports[at + 1]]);
    Some((tcp, SocketAddr::new(from, port(0)), SocketAddr::new(to, port(2))))
}

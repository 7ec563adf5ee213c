//! ICMP that complains of a connection's packet.

use std::net::SocketAddr;

use lab_trace::packet::Icmp;

use super::connection::Connection;
use super::finding::Kind;
use super::half::Moment;

impl Connection {
    /// `from` sent what is complained of.
    pub(crate) fn hear_icmp(
        &mut self,
        icmp: &Icmp,
        from: SocketAddr,
        now: Moment,
    ) {
        let side = usize::from(from != self.ends[0]);
        self.last.n = now.n;
        let about = self.halves[side].last.map(|m| m.n);
        let packets: Vec<u64> = about.into_iter().chain([now.n]).collect();
        match (icmp.v6, icmp.kind, icmp.code) {
            (false, 3, 4) | (true, 2, _) => {
                let mtu = match icmp.v6 {
                    true => icmp.word,
                    false => icmp.word & 0xffff,
                };
                self.found.add(Kind::FragNeeded, side, 0, &packets).extra =
                    mtu.into();
            }
            (false, 3, code) | (true, 1, code) => {
                let kind = match (self.tcp, self.halves[1 - side].packets) {
                    (false, _) => Kind::UdpUnreachable,
                    (true, 0) => Kind::RefusedByIcmp,
                    _ => return,
                };
                self.found.add(kind, side, 0, &packets).extra =
                    i64::from(code) + if icmp.v6 { 100 } else { 0 };
            }
            _ => {}
        }
    }
}

//! A TCP client without an IP stack: its segments are built by hand, so their
//! numbers and bytes are ours to choose.

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Net, Raw, Tcp};

/// The client's end of a connection.
pub(crate) struct Peer {
    pub(crate) raw: Raw,
    seq: u32,
    ack: u32,
}

// ANCHOR: peer
/// SYN, SYN ACK, ACK, with this initial sequence number.
pub(crate) fn handshake(net: &Net, isn: u32) -> Result<(Peer, TcpStream)> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let mut peer = Peer { raw: net.raw("client")?, seq: isn, ack: 0 };
    peer.raw.send(&Tcp { mss: 1460, ..peer.segment("S", b"") })?;
    peer.seq = isn.wrapping_add(1);
    peer.ack = peer.raw.recv()?.seq.wrapping_add(1);
    peer.raw.send(&peer.segment(".", b""))?;
    let (server, _) = listener.accept()?;
    net.keep(listener);
    Ok((peer, server))
}
// ANCHOR_END: peer

impl Peer {
    /// The next segment, not sent yet.
    pub(crate) fn segment(&self, flags: &str, payload: &[u8]) -> Tcp {
        Tcp {
            source: 40000,
            destination: 7000,
            flags: flags.into(),
            seq: self.seq,
            ack: self.ack,
            window: 65_535,
            payload: payload.into(),
            ..Tcp::default()
        }
    }
}

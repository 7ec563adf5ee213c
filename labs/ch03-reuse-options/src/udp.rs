//! Several UDP sockets on one port, and which of them a datagram reaches.

use std::net::{SocketAddr, UdpSocket};

use anyhow::Result;
use lab_kit::Net;
use socket2::Type;

use crate::flags::bound;

// ANCHOR: reached
/// A socket that doesn't block when nothing has arrived.
pub(crate) fn member(flags: &str, at: SocketAddr) -> Result<UdpSocket> {
    let socket = bound(Type::DGRAM, flags, at)?;
    socket.set_nonblocking(true)?;
    Ok(socket.into())
}

/// Waits for one datagram, and tells which of the sockets got it.
pub(crate) fn reached(net: &Net, sockets: &[UdpSocket]) -> Result<usize> {
    let mut found = 0;
    net.until("a datagram has arrived", || {
        let got = sockets.iter().position(|s| s.recv(&mut [0; 9]).is_ok());
        found = got.unwrap_or_default();
        Ok(got.is_some())
    })?;
    Ok(found)
}

/// Sends ten, then a last one that surely arrives, and counts what came.
pub(crate) fn ten(
    net: &Net,
    from: &UdpSocket,
    to: SocketAddr,
    last: SocketAddr,
    sockets: &[UdpSocket],
) -> Result<String> {
    for _ in 0..10 {
        from.send_to(b"copy", to)?;
    }
    from.send_to(b"last", last)?;
    let mut got = [0, 0];
    net.until("the last one is here", || {
        let mut bytes = [0; 4];
        let mut done = false;
        for (socket, got) in sockets.iter().zip(&mut got) {
            while socket.recv(&mut bytes).is_ok() {
                *got += i32::from(&bytes == b"copy");
                done |= &bytes == b"last";
            }
        }
        Ok(done)
    })?;
    Ok(format!("{} and {}", got[0], got[1]))
}
// ANCHOR_END: reached

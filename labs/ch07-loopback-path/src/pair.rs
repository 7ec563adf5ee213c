//! Two ends of one connection, and a way to use up what lo lets through.

use std::net::{TcpListener, TcpStream, UdpSocket};

use anyhow::Result;
use lab_kit::Net;

// ANCHOR: connect
/// A connection; both its ends are in this thread's hands.
pub(crate) fn connect(net: &Net) -> Result<(TcpStream, TcpStream)> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    Ok((client, server))
}
// ANCHOR_END: connect

// ANCHOR: plug
/// A UDP socket at each end, after the greatest datagram that there is.
pub(crate) fn greatest(net: &Net) -> Result<(UdpSocket, UdpSocket)> {
    let inbox = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    let sender = net.on("client", || UdpSocket::bind(net.here(7001)))?;
    sender.connect(net.on("client", || net.at("server", 7000)))?;
    sender.send(&[0; 65_507])?;
    inbox.recv(&mut [0; 65_507])?;
    Ok((sender, inbox))
}

/// The same, and another long one. If lo has a rate, the first uses up what it
/// lets through at once, and the second stands in the queue for two seconds.
pub(crate) fn plug(net: &Net) -> Result<(UdpSocket, UdpSocket)> {
    let (sender, inbox) = greatest(net)?;
    sender.send(&[0; 60_000])?;
    inbox.set_nonblocking(true)?;
    let _ = inbox.recv(&mut [0; 60_000]); // there, or not yet
    Ok((sender, inbox))
}
// ANCHOR_END: plug

//! Two ends of one connection, on a cable: what most experiments begin with.

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::Net;

// ANCHOR: pair
/// Connects to port 7000 of the server, and returns the client's end and the
/// server's.
pub(crate) fn pair(net: &Net) -> Result<(TcpStream, TcpStream)> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    net.keep(listener);
    Ok((client, server))
}
// ANCHOR_END: pair

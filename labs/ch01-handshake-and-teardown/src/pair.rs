//! What most experiments of this chapter begin with: two ends of one
//! connection, on a cable.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Evidence, Net, Selection, send_queue};

/// A connection and the listener that it came from.
pub(crate) struct Pair {
    pub(crate) client: TcpStream,
    pub(crate) server: TcpStream,
    pub(crate) listener: TcpListener,
}

// ANCHOR: pair
/// Connects: port 7000 of the server, and whichever port the client gets.
pub(crate) fn connect(net: &Net) -> Result<Pair> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    Ok(Pair { client, server, listener })
}

/// Connects, and exchanges a request and its answer. A connection that has
/// never carried data delays its ACKs by one clock tick, one that has by 40 ms:
/// the experiments are about connections that have.
pub(crate) fn greet(net: &Net) -> Result<Pair> {
    let mut pair = connect(net)?;
    pair.client.write_all(b"hello")?;
    pair.server.read_exact(&mut [0; 5])?;
    pair.server.write_all(b"welcome")?;
    pair.client.read_exact(&mut [0; 7])?;
    net.until("both are acknowledged", || {
        Ok(send_queue(&pair.client)? + send_queue(&pair.server)? == 0)
    })?;
    Ok(pair)
}
// ANCHOR_END: pair

/// What is on the link after the greeting.
pub(crate) fn after_greeting(run: &Evidence) -> Selection<'_> {
    run.segments().after(run.ack_of("welcome"))
}

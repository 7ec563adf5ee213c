//! The client of most experiments: one guest at a time, who asks and is told
//! who served it.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Net, send_queue};

use crate::crew::Desk;

/// The server's listener, before it forks.
pub(crate) fn listener(net: &Net) -> Result<TcpListener> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

// ANCHOR: knock
/// A guest connects, and asks with one byte. When this returns, the server's
/// kernel has woken whomever it was going to wake: it handled the handshake
/// before that byte, and it has acknowledged the byte.
pub(crate) fn knock(net: &Net) -> Result<TcpStream> {
    let mut guest =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    guest.write_all(b"?")?;
    net.until("the server's kernel has it", || Ok(send_queue(&guest)? == 0))?;
    Ok(guest)
}
// ANCHOR_END: knock

/// What a worker does for a guest: it says who it is, and closes.
pub(crate) fn serve(desk: &Desk, mut guest: TcpStream) -> Result<()> {
    guest.read_exact(&mut [0])?;
    guest.write_all(desk.number.to_string().as_bytes())?;
    desk.say("served")
}

/// Who served this guest.
pub(crate) fn served_by(mut guest: TcpStream) -> Result<String> {
    let mut answer = String::new();
    guest.read_to_string(&mut answer)?;
    Ok(answer)
}

//! What an old server leaves behind on its port, and how a new one starts.

use std::io::{self, Read};
use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::Net;

use socket2::{Socket, Type};

use crate::flags::{bound, listen, set, socket};

// ANCHOR: leave
/// An old server with these flags, one connection of it, and its end: on the
/// port is then a socket in this state, and nothing else.
pub(crate) fn leave(
    net: &Net,
    port: u16,
    flags: &str,
    state: &str,
) -> Result<()> {
    if state == "nothing" {
        return Ok(());
    }
    let listener = net.on("server", || listen(flags, net.here(port)))?;
    if state == "LISTEN" {
        net.keep(listener);
        return Ok(());
    }
    let mut client =
        net.on("client", || TcpStream::connect(net.at("server", port)))?;
    let (server, _) = listener.accept()?;
    drop(listener);
    if state == "ESTAB" {
        net.keep(client);
        net.keep(server);
        return Ok(());
    }
    drop(server); // first: FIN-WAIT-1, and with the ACK FIN-WAIT-2
    client.read_to_end(&mut Vec::new())?;
    match state {
        "FIN-WAIT-2" => net.keep(client), // it never closes
        _ => drop(client),
    }
    net.until(&format!("port {port} is in {state}"), || {
        let mut sockets = net.sockets("server")?.into_iter();
        Ok(sockets.any(|s| s.local_port == port && s.state == state))
    })
}
// ANCHOR_END: leave

// ANCHOR: start
/// The new server: flag, bind(), listen(); or bind() first, as one does who
/// doesn't know that the flag is for bind().
pub(crate) fn start(
    net: &Net,
    address: SocketAddr,
    flags: &str,
) -> io::Result<Socket> {
    let late = net.knob("flag-after-bind");
    let before = if late { "none" } else { flags };
    let socket = bound(Type::STREAM, before, address)?;
    set(&socket, flags)?;
    socket.listen(128)?;
    Ok(socket)
}
// ANCHOR_END: start

// ANCHOR: connect
/// From this port of the host, or, with 0, from one that the kernel chooses.
pub(crate) fn connect(
    net: &Net,
    from: &str,
    port: u16,
    listener: &TcpListener,
) -> Result<(TcpStream, TcpStream)> {
    let to = listener.local_addr()?;
    let socket = net.on(from, || match port {
        0 => socket(Type::STREAM, "none"),
        port => bound(Type::STREAM, "none", net.here(port)),
    })?;
    socket.connect(&to.into())?;
    Ok((socket.into(), listener.accept()?.0))
}

/// Closes one end, then, when its FIN has been read, the other.
pub(crate) fn close(first: TcpStream, mut second: TcpStream) -> Result<()> {
    drop(first);
    second.read_to_end(&mut Vec::new())?;
    Ok(())
}
// ANCHOR_END: connect

//! What a server leaves behind on its port.

use std::io::Read;
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::Net;

use crate::flags::listen;

// ANCHOR: leave
/// An old server with these flags, one connection of it, and its end: on the
/// port is then what the option `left` says, and nothing else.
pub(crate) fn leave(net: &Net, port: u16, flags: &str) -> Result<()> {
    let state = net.value("server:left").unwrap_or_default();
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
    match state.as_str() {
        "FIN-WAIT-2" => net.keep(client), // it never closes
        _ => drop(client),
    }
    net.until(&format!("port {port} is in {state}"), || {
        let mut sockets = net.sockets("server")?.into_iter();
        Ok(sockets.any(|s| s.local_port == port && s.state == state))
    })
}
// ANCHOR_END: leave

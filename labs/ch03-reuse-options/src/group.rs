//! Several TCP listeners on one port, and which of them a connection reaches.

use std::net::{SocketAddr, TcpStream};

use anyhow::Result;
use lab_kit::Net;
use socket2::{Socket, Type};

use crate::flags::{bound, listen};

// ANCHOR: group
/// Listeners on one port of the server, all with `SO_REUSEPORT`.
pub(crate) struct Group {
    pub(crate) listeners: Vec<Socket>,
    address: SocketAddr,
}

impl Group {
    pub(crate) fn of(net: &Net, port: u16, members: usize) -> Result<Group> {
        let address = net.on("server", || net.here(port));
        let listener = || -> std::io::Result<Socket> {
            let listener = listen("port", address)?;
            listener.set_nonblocking(true)?; // accept() says who has one
            Ok(listener)
        };
        let all = (0..members).map(|_| net.on("server", listener));
        Ok(Group { listeners: all.collect::<Result<_, _>>()?, address })
    }

    /// Connects from this port of the client.
    pub(crate) fn call(&self, net: &Net, from: u16) -> Result<TcpStream> {
        let make = || bound(Type::STREAM, "none", net.here(from));
        let client = net.on("client", make)?;
        client.connect(&self.address.into())?;
        Ok(client.into())
    }

    /// Waits for one connection, and tells which of the listeners got it.
    pub(crate) fn accept(&self, net: &Net) -> Result<(usize, TcpStream)> {
        let mut found = None;
        net.until("a connection has arrived", || {
            let mut all = self.listeners.iter().enumerate();
            found = all.find_map(|(n, l)| Some((n, l.accept().ok()?.0)));
            Ok(found.is_some())
        })?;
        let (n, socket) = found.expect("until waited for it");
        Ok((n, socket.into()))
    }
}
// ANCHOR_END: group

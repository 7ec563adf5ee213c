//! What the exercises of this chapter ask of an answer that is a server.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Net, outcome, secs};

/// For an answer to come to rest. One that never does has failed by then.
pub(crate) const REST: Duration = secs(2);

/// How many sockets of the server listen.
pub(crate) fn listeners(net: &Net) -> Result<usize> {
    let sockets = net.sockets("server")?.into_iter();
    Ok(sockets.filter(|s| s.state == "LISTEN").count())
}

/// A guest who connects and sends this; or why it doesn't.
pub(crate) fn call(
    net: &Net,
    question: &[u8],
) -> Result<Result<TcpStream, String>> {
    let to = net.on("server", || net.here(7000));
    let connect = || {
        let mut guest = TcpStream::connect_timeout(&to, secs(1))?;
        guest.set_nonblocking(true)?; // nobody may keep the lab waiting
        guest.write_all(question)?;
        quick(&guest)?; // no late ACK: nobody is to wait for one
        Ok(guest)
    };
    let guest = net.on("client", connect).map_err(|e| outcome::<()>(Err(e)));
    net.still(REST)?;
    Ok(guest)
}

fn quick(guest: &TcpStream) -> std::io::Result<()> {
    socket2::SockRef::from(guest).set_tcp_quickack(true)
}

/// What a guest has been told by now.
pub(crate) fn told(guest: &mut TcpStream) -> String {
    let mut words = [0; 64];
    match guest.read(&mut words) {
        Ok(0) => "the end".into(),
        Ok(n) => String::from_utf8_lossy(&words[..n]).into_owned(),
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => "-".into(),
        Err(e) => outcome::<()>(Err(e)),
    }
}

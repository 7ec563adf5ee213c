//! What most experiments of this chapter begin with: two ends of one
//! connection, its receive buffer set or not, and a writer that never blocks.

use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::IntoRawFd;

use anyhow::Result;
use lab_kit::Net;
use socket2::SockRef;

// ANCHOR: pair
/// A connection and the listener that it came from.
pub(crate) struct Pair {
    pub(crate) client: TcpStream,
    pub(crate) server: TcpStream,
    pub(crate) listener: TcpListener,
}

/// Connects; the server's kernel chooses the size of the receive buffer.
pub(crate) fn connect(net: &Net) -> Result<Pair> {
    connect_with(net, 0)
}

/// Connects to a server that asked for so small a receive buffer (0: it did
/// not ask). It asks on the listener: the connection is born with it, and the
/// window of its first segment is already small.
pub(crate) fn connect_with(net: &Net, rcvbuf: usize) -> Result<Pair> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    if rcvbuf > 0 {
        SockRef::from(&listener).set_recv_buffer_size(rcvbuf)?;
    }
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    Ok(Pair { client, server, listener })
}

/// Writes until the kernel takes no more; says how much it took.
pub(crate) fn fill(socket: &TcpStream) -> Result<usize> {
    let mut socket = socket;
    socket.set_nonblocking(true)?;
    let mut written = 0;
    loop {
        match socket.write(&[b'x'; 1000]) {
            Ok(n) => written += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => break,
            Err(e) => return Err(e.into()),
        }
    }
    socket.set_nonblocking(false)?;
    Ok(written)
}
// ANCHOR_END: pair

/// Writes more than the server has room for, and waits until its window is
/// closed: the client's kernel then watches it with its persist timer.
pub(crate) fn close_window(net: &Net, pair: &mut Pair) -> Result<()> {
    pair.client.write_all(&[b'x'; 20_000])?;
    net.until("the window is closed", || {
        let all = net.sockets("client")?;
        Ok(all.iter().any(|socket| socket.timer == "persist"))
    })
}

/// Keeps both ends as they are until the run has ended.
pub(crate) fn leave_open(net: &Net, pair: Pair) {
    net.keep(pair.client);
    net.keep(pair.server);
    net.keep(pair.listener);
}

/// close(2), with its result: a drop would not tell.
pub(crate) fn close(socket: TcpStream) -> String {
    match nix::unistd::close(socket.into_raw_fd()) {
        Ok(()) => "ok".into(),
        Err(errno) => format!("{errno:?}"),
    }
}

//! What most experiments of this chapter begin with: two ends of one
//! connection, its receive buffer set or not, and a writer that never blocks.

use std::io::{ErrorKind, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, IntoRawFd};

use anyhow::Result;
use lab_kit::{Net, not_sent, outcome, send_queue};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, SockRef, Socket, Type};

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

/// Writes full segments, one after the other's ACK, until the server's window
/// is closed and the last one waits; says how much was written.
pub(crate) fn close_window(net: &Net, pair: &mut Pair) -> Result<usize> {
    let mut written = 0;
    loop {
        pair.client.write_all(&[b'x'; 1448])?;
        written += 1448;
        let mut closed = false;
        net.until("it is acknowledged or must wait", || {
            let all = net.sockets("client")?;
            closed = all.iter().any(|socket| socket.timer == "persist");
            Ok(closed || send_queue(&pair.client)? == 0)
        })?;
        if closed {
            return Ok(written);
        }
    }
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

/// Small receive buffers at both ends, asked for before the handshake.
pub(crate) fn connect_small(net: &Net) -> Result<Pair> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    SockRef::from(&listener).set_recv_buffer_size(5000)?;
    let client =
        net.on("client", || Socket::new(Domain::IPV4, Type::STREAM, None))?;
    client.set_recv_buffer_size(5000)?;
    client.connect(&net.on("client", || net.at("server", 7000)).into())?;
    let (server, _) = listener.accept()?;
    Ok(Pair { client: client.into(), server, listener })
}

/// Waits until what was sent is acknowledged: while an ACK is on its way, its
/// bytes are in both queues.
pub(crate) fn settle(net: &Net, socket: &TcpStream) -> Result<()> {
    net.until("all that was sent is acknowledged", || {
        Ok(send_queue(socket)? == not_sent(socket)?)
    })
}

/// Whether poll(2) says POLLOUT.
pub(crate) fn is_writable(socket: &TcpStream) -> Result<bool> {
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    Ok(poll(&mut fds, PollTimeout::ZERO)? == 1)
}

/// One byte more: says what write() says, and counts.
pub(crate) fn try_write(mut socket: &TcpStream, written: &mut usize) -> String {
    let wrote = socket.write(b"x");
    *written += wrote.as_ref().copied().unwrap_or(0);
    outcome(wrote)
}

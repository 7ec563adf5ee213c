//! The client of most experiments: one guest at a time, who asks and is told
//! who served it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use anyhow::Result;
use lab_kit::figure::Bars;
use lab_kit::{Evidence, Figure, Net, libc, send_queue};
use socket2::{Domain, Socket, Type};

use crate::crew::Desk;

/// The server's listener, before it forks.
pub(crate) fn listener(net: &Net) -> Result<TcpListener> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Listeners on one port: one, or a group with `SO_REUSEPORT`.
pub(crate) fn group(net: &Net, size: usize) -> Result<Vec<TcpListener>> {
    net.on("server", || group_at(net.here(7000), size))
}

pub(crate) fn group_at(
    at: SocketAddr,
    size: usize,
) -> Result<Vec<TcpListener>> {
    let one = || -> Result<TcpListener> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_reuse_port(size > 1)?;
        socket.set_nonblocking(true)?;
        socket.bind(&at.into())?;
        socket.listen(128)?; // here it joins the group, as its next member
        Ok(socket.into())
    };
    (0..size).map(|_| one()).collect()
}

/// How many connections wait to be accepted, by `TCP_INFO` of a listener.
pub(crate) fn queue(listener: &TcpListener) -> Result<u32> {
    let fd = listener.as_raw_fd();
    // SAFETY: tcp_info is plain integers, for which zero is a value.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut len = size_of_val(&info) as libc::socklen_t;
    let to = (&raw mut info).cast();
    let (level, name) = (libc::IPPROTO_TCP, libc::TCP_INFO);
    // SAFETY: the kernel writes at most `len` bytes into `info`.
    match unsafe { libc::getsockopt(fd, level, name, to, &raw mut len) } {
        0 => Ok(info.tcpi_unacked),
        _ => Err(std::io::Error::last_os_error().into()),
    }
}

// ANCHOR: knock
/// A guest connects, and asks with one byte. When this returns, the server's
/// kernel has woken whomever it was going to wake: it handled the handshake
/// before that byte, and it has acknowledged the byte.
pub(crate) fn knock(net: &Net) -> Result<TcpStream> {
    let guest =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    ask(net, guest, b"?")
}

pub(crate) fn ask(
    net: &Net,
    mut guest: TcpStream,
    question: &[u8; 1],
) -> Result<TcpStream> {
    guest.write_all(question)?;
    net.until("the server's kernel has it", || Ok(send_queue(&guest)? == 0))?;
    Ok(guest)
}
// ANCHOR_END: knock

/// What a worker does for a guest: it says who it is, and closes. A guest who
/// asks `S` is slow: that takes until the script opens the gate.
pub(crate) fn serve(desk: &Desk, mut guest: TcpStream) -> Result<()> {
    let mut question = [0];
    guest.read_exact(&mut question)?;
    if question == *b"S" {
        desk.gate("busy")?;
    }
    guest.write_all(desk.number.to_string().as_bytes())?;
    desk.say("served")
}

/// A guest's connection from a port of our choice.
pub(crate) fn connect_from(net: &Net, port: u16) -> Result<TcpStream> {
    net.on("client", || {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&net.here(port).into())?;
        socket.connect(&net.at("server", 7000).into())?;
        Ok(socket.into())
    })
}

/// Who served this guest.
pub(crate) fn served_by(mut guest: TcpStream) -> Result<String> {
    let mut answer = String::new();
    guest.read_to_string(&mut answer)?;
    Ok(answer)
}

/// How many guests each worker served, if `key` says who served each.
pub(crate) fn shares(run: &Evidence, key: &str, workers: usize) -> Bars {
    let kept = run.observations.iter().filter(|o| o.key == key);
    let served: Vec<_> = kept.flat_map(|o| o.value.split(' ')).collect();
    (0..workers).fold(Figure::bars("connections"), |bars, n| {
        let own = served.iter().filter(|who| **who == n.to_string());
        bars.bar(&format!("worker {n}"), own.count() as i64)
    })
}

//! The client of most experiments: one guest at a time, who asks and is told
//! who served it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use anyhow::Result;
use lab_kit::figure::Bars;
use lab_kit::{Evidence, Figure, Net, libc, receive_queue, send_queue};
use nix::sys::epoll::EpollFlags;
use socket2::{Domain, Socket, Type};

use crate::crew::{Crew, Desk, said};
use crate::watch::{wait, watch};

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
    (0..size).map(|_| open(at, size > 1)).collect()
}

/// One listener, alone or as the next member of its port's group.
pub(crate) fn open(at: SocketAddr, in_group: bool) -> Result<TcpListener> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_port(in_group)?;
    socket.set_nonblocking(true)?;
    socket.bind(&at.into())?;
    socket.listen(128)?; // here it joins the group
    Ok(socket.into())
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

/// Asks; when this returns, the server's kernel is through with it.
pub(crate) fn ask(
    net: &Net,
    guest: TcpStream,
    question: &[u8; 1],
) -> Result<TcpStream> {
    say(net, &guest, question)?;
    Ok(guest)
}

/// Sends, until the other kernel has acknowledged it.
pub(crate) fn say(net: &Net, mut from: &TcpStream, what: &[u8]) -> Result<()> {
    from.write_all(what)?;
    net.until("the other kernel has it", || Ok(send_queue(from)? == 0))
}
// ANCHOR_END: knock

/// A connection: the client's end, and the server's, which doesn't block.
pub(crate) fn pair(net: &Net) -> Result<(TcpStream, TcpStream)> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    server.set_nonblocking(true)?;
    Ok((client, server))
}

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

/// A worker's life, with an epoll descriptor of its own.
pub(crate) fn work(desk: &Desk, listener: &TcpListener) -> Result<()> {
    let how = EpollFlags::EPOLLIN | EpollFlags::EPOLLEXCLUSIVE;
    let epoll = watch(listener, how)?;
    loop {
        wait(&epoll)?;
        let (guest, _) = listener.accept()?;
        serve(desk, guest)?;
    }
}

/// Opens the gate for worker 0 until it sleeps in epoll_wait(); how many it
/// has served by then.
pub(crate) fn all_served(net: &Net, crew: &mut Crew) -> Result<usize> {
    let mut served = 0;
    loop {
        let looks = crew.open(net, &[0])?;
        served += said(&looks, "served");
        if said(&looks, "woken") == 0 {
            return Ok(served);
        }
    }
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

/// Guests who have an answer read it and close, or their kernel would send a
/// late ACK of the worker's FIN. The others stay until the run has ended.
pub(crate) fn part(net: &Net, guests: Vec<TcpStream>) -> Result<()> {
    for guest in guests {
        match receive_queue(&guest)? {
            0 => net.keep(guest),
            _ => drop(served_by(guest)?),
        }
    }
    Ok(())
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

/// What the workers did about all guests of a run, beside what they saw of it.
pub(crate) fn herd(run: &Evidence) -> Bars {
    let rows = [
        ("woken by the kernel", "woken"),
        ("epoll_wait() returned", "epoll_wait returned"),
        ("accept() said EAGAIN", "EAGAIN"),
    ];
    rows.iter().fold(Figure::bars("times, in all"), |bars, (label, key)| {
        let kept = run.observations.iter().find(|o| o.key == *key);
        let Some(kept) = kept else { return bars };
        let each = kept.value.split(' ').map(|n| n.parse().unwrap_or(0));
        bars.bar(label, each.sum::<i64>())
    })
}

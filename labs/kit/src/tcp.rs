//! What std and socket2 lack and several labs need.

use std::net::SocketAddr;
use std::os::fd::{AsRawFd, BorrowedFd};

use anyhow::{Context, Result};
use socket2::{Domain, Socket, Type};

/// Makes a peer die without a packet: `TCP_REPAIR`, then close. What a pulled
/// plug or a lost NAT entry looks like from the other side (tcp(7),
/// tcp_close() in net/ipv4/tcp.c). Needs CAP_NET_ADMIN in the host, which a
/// lab has.
pub fn vanish<S: AsRawFd>(socket: S) -> Result<()> {
    set_tcp(&socket, libc::TCP_REPAIR, 1).context("TCP_REPAIR")?;
    drop(socket);
    Ok(())
}

/// Sets an option of tcp(7) that neither std nor socket2 nor nix can set:
/// `set_tcp(&listener, libc::TCP_DEFER_ACCEPT, 10)`, with [`crate::libc`].
pub fn set_tcp(
    socket: &impl AsRawFd,
    option: libc::c_int,
    value: libc::c_int,
) -> Result<()> {
    // SAFETY: a plain setsockopt with a live descriptor and an int.
    let code = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            option,
            (&raw const value).cast(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(())
}

/// Sends a SYN and returns at once: for scripts, where nobody may block.
pub fn connect_later(from: SocketAddr, to: SocketAddr) -> Result<Socket> {
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&from.into()).with_context(|| format!("bind {from}"))?;
    socket.set_nonblocking(true)?;
    match socket.connect(&to.into()) {
        Ok(()) => {}
        Err(e) if e.raw_os_error() == Some(libc::EINPROGRESS) => {}
        Err(e) => return Err(e).with_context(|| format!("connect {to}")),
    }
    socket.set_nonblocking(false)?;
    Ok(socket)
}

/// A socket's state by `TCP_INFO`, with the names `ss` uses.
pub fn tcp_state(socket: &impl AsRawFd) -> Result<&'static str> {
    // SAFETY: tcp_info is plain integers, for which zero is a value.
    let mut info: libc::tcp_info = unsafe { std::mem::zeroed() };
    let mut len = size_of_val(&info) as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes into `info`.
    let code = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            (&raw mut info).cast(),
            &raw mut len,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error()).context("TCP_INFO");
    }
    Ok(state_name(info.tcpi_state))
}

/// Name of a kernel TCP state number (include/net/tcp_states.h), as `ss`
/// prints it.
pub fn state_name(number: u8) -> &'static str {
    match number {
        1 => "ESTAB",
        2 => "SYN-SENT",
        3 | 12 => "SYN-RECV",
        4 => "FIN-WAIT-1",
        5 => "FIN-WAIT-2",
        6 => "TIME-WAIT",
        7 => "CLOSED",
        8 => "CLOSE-WAIT",
        9 => "LAST-ACK",
        10 => "LISTEN",
        11 => "CLOSING",
        _ => "UNKNOWN",
    }
}

pub(crate) fn borrow(fd: i32) -> BorrowedFd<'static> {
    // SAFETY: the runner left this descriptor open for our lifetime.
    unsafe { BorrowedFd::borrow_raw(fd) }
}

/// Bytes that were written and not yet acknowledged: SIOCOUTQ (tcp(7)), which
/// `ss` shows as Send-Q.
pub fn send_queue(socket: &impl AsRawFd) -> Result<u32> {
    queue(socket, libc::TIOCOUTQ).context("SIOCOUTQ")
}

/// The part of [`send_queue`] that was never sent: SIOCOUTQNSD, which `ss -ti`
/// shows as `notsent`.
pub fn not_sent(socket: &impl AsRawFd) -> Result<u32> {
    const SIOCOUTQNSD: libc::Ioctl = 0x894B; // include/uapi/linux/sockios.h
    queue(socket, SIOCOUTQNSD).context("SIOCOUTQNSD")
}

/// Bytes that have arrived and were not read: SIOCINQ (tcp(7)), which `ss`
/// shows as Recv-Q.
pub fn receive_queue(socket: &impl AsRawFd) -> Result<u32> {
    queue(socket, libc::FIONREAD).context("SIOCINQ")
}

fn queue(socket: &impl AsRawFd, request: libc::Ioctl) -> Result<u32> {
    let mut bytes: libc::c_int = 0;
    // SAFETY: these requests write one int.
    let code =
        unsafe { libc::ioctl(socket.as_raw_fd(), request, &raw mut bytes) };
    if code != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(bytes.max(0) as u32)
}

/// What a call said, as one word: `ok`, or the errno's name (`ECONNRESET`).
pub fn outcome<T>(result: std::io::Result<T>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => match error.raw_os_error() {
            Some(number) => {
                format!("{:?}", nix::errno::Errno::from_raw(number))
            }
            None => error.to_string(),
        },
    }
}

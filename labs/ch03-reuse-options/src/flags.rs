//! Sockets with neither, one or both of the two flags of this chapter.
//!
//! Not `std::net::TcpListener::bind`: it sets `SO_REUSEADDR` unasked, as the
//! libraries of most languages do.

use std::io;
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

/// A socket that nothing was done to yet: `none`, `addr`, `port` or `both`.
pub(crate) fn socket(kind: Type, flags: &str) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV4, kind, None)?;
    set(&socket, flags)?;
    Ok(socket)
}

/// Sets the flags of a socket that has none.
pub(crate) fn set(socket: &Socket, flags: &str) -> io::Result<()> {
    if matches!(flags, "addr" | "both") {
        socket.set_reuse_address(true)?;
    }
    if matches!(flags, "port" | "both") {
        socket.set_reuse_port(true)?;
    }
    Ok(())
}

/// A socket that is bound, and does not listen.
pub(crate) fn bound(
    kind: Type,
    flags: &str,
    address: SocketAddr,
) -> io::Result<Socket> {
    let socket = socket(kind, flags)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// What a server does before it can accept.
pub(crate) fn listen(flags: &str, address: SocketAddr) -> io::Result<Socket> {
    let listener = bound(Type::STREAM, flags, address)?;
    listener.listen(128)?;
    Ok(listener)
}

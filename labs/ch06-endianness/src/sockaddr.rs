//! A `sockaddr_in` filled in by hand, as C does it. std's `SocketAddr` can't
//! be filled in wrongly, which is why this chapter does without it.

use std::io::{Error, Result};
use std::os::fd::AsRawFd;

use lab_kit::libc;

// ANCHOR: sockaddr
/// Both fields belong in network order (ip(7)), and nobody checks.
pub(crate) fn sockaddr(port: u16, address: u32) -> libc::sockaddr_in {
    libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port,
        sin_addr: libc::in_addr { s_addr: address },
        sin_zero: [0; 8],
    }
}
// ANCHOR_END: sockaddr

const LEN: u32 = size_of::<libc::sockaddr_in>() as u32;

pub(crate) fn bind(
    socket: &impl AsRawFd,
    to: &libc::sockaddr_in,
) -> Result<()> {
    // SAFETY: a live descriptor, and an address of the length that is said.
    said(unsafe {
        libc::bind(socket.as_raw_fd(), (&raw const *to).cast(), LEN)
    })
}

pub(crate) fn connect(
    socket: &impl AsRawFd,
    to: &libc::sockaddr_in,
) -> Result<()> {
    let address = (&raw const *to).cast();
    // SAFETY: a live descriptor, and an address of the length that is said.
    said(unsafe { libc::connect(socket.as_raw_fd(), address, LEN) })
}

fn said(code: i32) -> Result<()> {
    if code == 0 { Ok(()) } else { Err(Error::last_os_error()) }
}

//! Fence frames: what is read before one, was sent before it.
//!
//! A packet socket is one FIFO, and a CPU works off its backlog in order: when
//! a fence sent behind a frame comes out of a capture, the frame has come out
//! too, and the receiving kernel has finished with it.

use std::os::fd::{AsRawFd, OwnedFd};

use anyhow::{Context, Result, bail};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockProtocol, SockType, socket,
};

use crate::topology::Namespace;

/// Local experimental ethertype (IEEE 802).
const ETHERTYPE: u16 = 0x88B5;
const MAGIC: &[u8; 8] = b"lab-fnce";

/// The number of a fence frame; `None` for any other frame.
pub(super) fn number(frame: &[u8]) -> Option<u64> {
    let kind = frame.get(12..14)?;
    if kind != ETHERTYPE.to_be_bytes() || frame.get(14..22)? != MAGIC {
        return None;
    }
    Some(u64::from_be_bytes(frame.get(22..30)?.try_into().ok()?))
}

pub(super) fn frame(number: u64, from: [u8; 6], to: [u8; 6]) -> Vec<u8> {
    let mut frame = vec![0; 60];
    frame[..6].copy_from_slice(&to);
    frame[6..12].copy_from_slice(&from);
    frame[12..14].copy_from_slice(&ETHERTYPE.to_be_bytes());
    frame[14..22].copy_from_slice(MAGIC);
    frame[22..30].copy_from_slice(&number.to_be_bytes());
    frame
}

/// A packet socket bound to an interface. `listens`: it also receives, all
/// frames that come in and none that go out.
pub(crate) fn packet_socket(
    namespace: &Namespace,
    ifindex: u32,
    listens: bool,
) -> Result<OwnedFd> {
    namespace.inside(|| {
        let flags = SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK;
        let fd = socket(
            AddressFamily::Packet,
            SockType::Raw,
            flags,
            None::<SockProtocol>,
        )
        .context("open a packet socket")?;
        if listens {
            set(&fd, libc::SOL_PACKET, libc::PACKET_IGNORE_OUTGOING, 1)
                .context("PACKET_IGNORE_OUTGOING (since Linux 4.20)")?;
            // As root this passes net.core.rmem_max; else the default holds
            // some 280 full frames, and the wire reads at once.
            let _ = set(&fd, libc::SOL_SOCKET, libc::SO_RCVBUFFORCE, 8 << 20);
        }
        // Protocol 0 receives nothing; ETH_P_ALL starts to with the bind.
        let protocol = if listens { libc::ETH_P_ALL as u16 } else { 0 };
        // SAFETY: sockaddr_ll is plain integers, for which zero is a value.
        let mut to: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
        to.sll_family = libc::AF_PACKET as u16;
        to.sll_protocol = protocol.to_be();
        to.sll_ifindex = ifindex as i32;
        // SAFETY: the address is valid for the length given.
        let code = unsafe {
            libc::bind(
                fd.as_raw_fd(),
                (&raw const to).cast(),
                size_of_val(&to) as libc::socklen_t,
            )
        };
        if code != 0 {
            return Err(std::io::Error::last_os_error())
                .context("bind a packet socket");
        }
        Ok(fd)
    })
}

fn set(fd: &OwnedFd, level: i32, name: i32, value: i32) -> Result<()> {
    // SAFETY: an int option, with its length.
    let code = unsafe {
        libc::setsockopt(
            fd.as_raw_fd(),
            level,
            name,
            (&raw const value).cast(),
            size_of_val(&value) as libc::socklen_t,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error().into());
    }
    Ok(())
}

/// Frames that found this socket full since the last time it was asked.
pub(super) fn dropped(fd: &OwnedFd) -> Result<u64> {
    // tpacket_stats: packets, drops.
    let mut seen = [0u32; 2];
    let mut length = size_of_val(&seen) as libc::socklen_t;
    // SAFETY: the kernel writes at most `length` bytes.
    let code = unsafe {
        libc::getsockopt(
            fd.as_raw_fd(),
            libc::SOL_PACKET,
            libc::PACKET_STATISTICS,
            seen.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error())
            .context("ask a packet socket what it lost");
    }
    Ok(seen[1].into())
}

/// Puts a frame on an interface. A full queue is awaited.
pub(super) fn put(fd: &OwnedFd, frame: &[u8]) -> Result<()> {
    loop {
        match nix::unistd::write(fd, frame) {
            Ok(n) if n == frame.len() => return Ok(()),
            Ok(n) => bail!("put {n} of {} bytes on the link", frame.len()),
            Err(nix::errno::Errno::EAGAIN | nix::errno::Errno::ENOBUFS) => {
                use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
                use std::os::fd::AsFd;
                let mut fds = [PollFd::new(fd.as_fd(), PollFlags::POLLOUT)];
                poll(&mut fds, PollTimeout::from(100u8))?;
            }
            Err(errno) => bail!("put a frame on the link: {errno}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_known_by_its_number_and_nothing_else_is() {
        assert_eq!(number(&frame(77, [1; 6], [2; 6])), Some(77));
        assert_eq!(number(&[0; 60]), None);
        assert_eq!(number(&[]), None);
    }
}

//! Sockets that have nothing to do with TCP over the lab's wire.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net as unix;
use std::path::Path;
use std::time::Duration;

use crate::attempt;
use crate::calls::{call, to};

/// SOCK_PACKET, which libc calls deprecated.
const OLD_PACKET: i32 = 10;

pub(crate) fn socket(
    family: i32,
    kind: i32,
    protocol: i32,
) -> io::Result<usize> {
    let all = [family, kind, protocol].map(|number| number as usize);
    call(libc::SYS_socket, &all)
}

/// To the hypervisor: no namespace divides it.
/// EXPECT: refused
/// BARE: hit, if there
pub(crate) fn vsock(_: &Path) {
    attempt("vsock", socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0));
}

/// Everything that has a number.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn socket_families(_: &Path) {
    let usual =
        [libc::AF_UNIX, libc::AF_INET, libc::AF_INET6, libc::AF_NETLINK];
    for family in (1..46).filter(|family| !usual.contains(family)) {
        for kind in 1..6 {
            attempt(&format!("{family} {kind}"), socket(family, kind, 0));
        }
    }
}

/// The kernel's other interfaces.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn netlink_families(_: &Path) {
    for protocol in (1..24).filter(|&protocol| protocol != 4) {
        let kind = libc::SOCK_RAW;
        let made = socket(libc::AF_NETLINK, kind, protocol);
        attempt(&format!("{protocol}"), made);
    }
}

/// Packets of its own making.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn raw_sockets(_: &Path) {
    let every = i32::from(3u16.to_be());
    for (what, family, kind, protocol) in [
        ("raw TCP", libc::AF_INET, libc::SOCK_RAW, libc::IPPROTO_TCP),
        ("raw", libc::AF_INET, libc::SOCK_RAW, 255),
        ("raw 6", libc::AF_INET6, libc::SOCK_RAW, 255),
        ("packet", libc::AF_PACKET, libc::SOCK_RAW, every),
        ("packet 2", libc::AF_PACKET, libc::SOCK_DGRAM, every),
        ("old packet", libc::AF_INET, OLD_PACKET, every),
        ("ping", libc::AF_INET, libc::SOCK_DGRAM, libc::IPPROTO_ICMP),
    ] {
        attempt(what, socket(family, kind, protocol));
    }
}

/// Sockets without a name in the file system.
/// EXPECT: refused
/// BARE: no: the box's network is not the grader's
pub(crate) fn runner_socket(_: &Path) {
    let name = unix::SocketAddr::from_abstract_name(b"lab-runner");
    let reached = name.and_then(|name| unix::UnixStream::connect_addr(&name));
    attempt("the runner's", reached);
}

/// Whatever is not the peer.
/// EXPECT: refused
/// BARE: no: the box's network is not the grader's
pub(crate) fn beyond(_: &Path) {
    for address in ["127.0.0.1:7001", "10.0.2.2:22", "169.254.169.254:80"] {
        let Ok(to) = address.parse::<SocketAddr>() else { continue };
        let within = Duration::from_secs(5);
        attempt(address, TcpStream::connect_timeout(&to, within));
    }
}

/// Options that change more than a socket.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn buffers(_: &Path) {
    let Ok(own) = TcpListener::bind("127.0.0.1:0") else { return };
    let fd = std::os::fd::AsRawFd::as_raw_fd(&own) as usize;
    for (what, level, option) in [
        ("mark", libc::SOL_SOCKET, libc::SO_MARK),
        ("a bigger buffer", libc::SOL_SOCKET, libc::SO_RCVBUFFORCE),
        ("transparent", libc::SOL_IP, libc::IP_TRANSPARENT),
        ("repair", libc::SOL_TCP, libc::TCP_REPAIR),
    ] {
        let value = 1i32;
        let all = [fd, level as usize, option as usize, to(&value), 4];
        attempt(what, call(libc::SYS_setsockopt, &all));
    }
}

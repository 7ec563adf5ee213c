//! The wire, and what stands at its ends.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsRawFd;
use std::path::Path;

use crate::calls::{call, to};
use crate::sockets::socket;
use crate::{attempt, saw};

const PEER: &str = "10.77.0.2:7000";
const OWN: &str = "10.77.0.1:7000";
const LINK: &str = "v0";

/// No attack: what a program is there for, and must still work.
/// EXPECT: echo >= 5; exits 0
/// BARE: echo >= 5
/// ALONE: no attack
pub(crate) fn honest(_: &Path) {
    let heard = || -> io::Result<usize> {
        let mut peer = TcpStream::connect(PEER)?;
        peer.write_all(b"hello")?;
        peer.shutdown(std::net::Shutdown::Write)?;
        peer.read_to_end(&mut Vec::new())
    };
    saw("echo", heard().unwrap_or(0));
}

/// A SYN in somebody else's name.
/// EXPECT: refused; silent
/// BARE: forged
pub(crate) fn forge_frame(_: &Path) {
    let ip = i32::from(0x0800u16.to_be());
    let sent = socket(libc::AF_PACKET, libc::SOCK_DGRAM, ip).and_then(|fd| {
        let packet: [u8; 40] = [
            0x45, 0, 0, 40, 0, 1, 0, 0, 64, 6, 0, 0, 10, 77, 0, 99, 10, 77, 0,
            2, 0x30, 0x39, 0x1b, 0x58, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 2, 1, 0,
            0, 0, 0, 0,
        ];
        let index = nix::net::if_::if_nametoindex(LINK)?;
        let mut to_all = vec![17u8, 0, 8, 0];
        to_all.extend(index.to_ne_bytes());
        to_all.extend([0, 0, 0, 6, 255, 255, 255, 255, 255, 255, 0, 0]);
        let all = [fd, to(&packet), 40, 0, to(&to_all[..]), 20];
        call(libc::SYS_sendto, &all)
    });
    attempt("a SYN from 10.77.0.99", sent);
}

/// The same with what an ordinary socket can do.
/// EXPECT: refused; silent
/// BARE: no: the kernel's routing stops it
pub(crate) fn spoof_source(_: &Path) {
    let sent = socket(libc::AF_INET, libc::SOCK_DGRAM, 0).and_then(|fd| {
        let yes = 1i32;
        let free = [fd, 0, libc::IP_FREEBIND as usize, to(&yes), 4];
        call(libc::SYS_setsockopt, &free)?;
        let address = |last: u8, port: u16| {
            let [high, low] = port.to_be_bytes();
            let mut bytes = [0u8; 16];
            bytes[..8].copy_from_slice(&[2, 0, high, low, 10, 77, 0, last]);
            bytes
        };
        call(libc::SYS_bind, &[fd, to(&address(99, 5555)), 16])?;
        let peer = address(2, 7000);
        call(libc::SYS_sendto, &[fd, to(&yes), 1, 0, to(&peer), 16])
    });
    attempt("a datagram from 10.77.0.99", sent);
}

/// Another way to somebody.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn add_route(_: &Path) {
    const NEW_ROUTE: u16 = 24;
    let index = nix::net::if_::if_nametoindex(LINK).unwrap_or(0);
    // rtmsg: a unicast route of the main table, for the link's scope.
    let mut body = vec![2u8, 32, 0, 0, 254, 3, 253, 1, 0, 0, 0, 0];
    body.extend([8, 0, 1, 0, 10, 99, 0, 1]);
    body.extend([8, 0, 4, 0]);
    body.extend(index.to_ne_bytes());
    attempt("a route", ask_kernel(NEW_ROUTE, &body));
}

/// The link: its size, its address, itself.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn change_link(_: &Path) {
    let Ok(any) = UdpSocket::bind("0.0.0.0:0") else { return };
    let fd = any.as_raw_fd() as usize;
    let request = |rest: &[u8]| {
        let mut bytes = [0u8; 40];
        bytes[..2].copy_from_slice(LINK.as_bytes());
        bytes[16..16 + rest.len()].copy_from_slice(rest);
        bytes
    };
    let address = [2, 0, 0, 0, 10, 77, 0, 9];
    for (what, number, rest) in [
        ("size", libc::SIOCSIFMTU, &600u32.to_ne_bytes()[..]),
        ("address", libc::SIOCSIFADDR, &address[..]),
        ("down", libc::SIOCSIFFLAGS, &[0, 0][..]),
    ] {
        let asked = request(rest);
        let done = call(libc::SYS_ioctl, &[fd, number as usize, to(&asked)]);
        attempt(what, done);
    }
}

/// The link, away.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn move_link(_: &Path) {
    const NEW_LINK: u16 = 16;
    const NAMESPACE_OF: u16 = 19;
    let index = nix::net::if_::if_nametoindex(LINK).unwrap_or(0);
    let mut body = vec![0u8, 0, 0, 0];
    body.extend(index.to_ne_bytes());
    body.extend([0; 8]);
    body.extend([8, 0]);
    body.extend(NAMESPACE_OF.to_ne_bytes());
    body.extend(std::os::unix::process::parent_id().to_ne_bytes());
    attempt("moved", ask_kernel(NEW_LINK, &body));
}

/// rtnetlink's answer to one request to make something.
fn ask_kernel(kind: u16, body: &[u8]) -> io::Result<()> {
    // NLM_F_REQUEST, ACK, CREATE
    const FLAGS: u16 = 0x405;
    let fd = socket(libc::AF_NETLINK, libc::SOCK_RAW, 0)?;
    let mut message = ((16 + body.len()) as u32).to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(FLAGS.to_ne_bytes());
    message.extend([0; 8]);
    message.extend(body);
    call(libc::SYS_sendto, &[fd, to(&message[..]), message.len()])?;
    let answer = [0u8; 512];
    call(libc::SYS_recvfrom, &[fd, to(&answer), 512])?;
    let code = [answer[16], answer[17], answer[18], answer[19]];
    match i32::from_ne_bytes(code) {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(-code)),
    }
}

/// Both sides of a conversation.
/// EXPECT: harmless; silent
/// BARE: no: it is no attack on anybody
/// ALONE: harmless
pub(crate) fn talk_to_itself(_: &Path) {
    let spoke = TcpListener::bind(OWN).and_then(|listener| {
        let mut mine = TcpStream::connect(OWN)?;
        let (_peer, _) = listener.accept()?;
        mine.write_all(b"as if")
    });
    attempt("a peer of its own", spoke);
}

/// So much that a capture might lose some.
/// EXPECT: harmless
/// BARE: no: the box doesn't stop it, the runner counts
/// ALONE: harmless
pub(crate) fn udp_flood(_: &Path) {
    let Ok(own) = UdpSocket::bind("0.0.0.0:0") else { return };
    for _ in 0..20_000 {
        let _ = own.send_to(&[0; 1200], PEER);
    }
}

/// Connections that nobody asked for.
/// EXPECT: harmless
/// BARE: no: the box doesn't stop it, the runner counts
/// ALONE: harmless
pub(crate) fn connect_flood(_: &Path) {
    let kind = libc::SOCK_STREAM | libc::SOCK_NONBLOCK;
    let peer: [u8; 16] =
        [2, 0, 0x1f, 0x3f, 10, 77, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0];
    for _ in 0..2000 {
        if let Ok(fd) = socket(libc::AF_INET, kind, 0) {
            let _ = call(libc::SYS_connect, &[fd, to(&peer), 16]);
            let _ = call(libc::SYS_close, &[fd]);
        }
    }
}

/// Headers that a parser has not seen yet; a route of its own.
/// EXPECT: harmless
/// BARE: no: the box doesn't stop it, the parser has the tests
/// ALONE: harmless
pub(crate) fn ip_options(_: &Path) {
    let Ok(own) = UdpSocket::bind("0.0.0.0:0") else { return };
    let fd = own.as_raw_fd() as usize;
    let nothing = [1u8; 40];
    let set = libc::SYS_setsockopt;
    let put = call(set, &[fd, 0, libc::IP_OPTIONS as usize, to(&nothing), 40]);
    attempt("40 bytes of nothing", put);
    let _ = own.send_to(b"x", PEER);
}

/// A datagram in pieces.
/// EXPECT: harmless
/// BARE: no: the box doesn't stop it, the parser has the tests
/// ALONE: harmless
pub(crate) fn fragments(_: &Path) {
    let Ok(own) = UdpSocket::bind("0.0.0.0:0") else { return };
    attempt("64 kB", own.send_to(&[0; 65_507], PEER));
}

/// As many frames as it can.
/// EXPECT: harmless
/// BARE: no: the box doesn't stop it, the runner counts
/// ALONE: harmless
pub(crate) fn tiny_flood(_: &Path) {
    let Ok(own) = UdpSocket::bind("0.0.0.0:0") else { return };
    for _ in 0..20_000 {
        let _ = own.send_to(b"x", PEER);
    }
}

/// TCP as the student likes it: a judge must not assume anything.
/// EXPECT: harmless
/// BARE: hit
/// ALONE: harmless
pub(crate) fn socket_options(_: &Path) {
    let Ok(own) = TcpListener::bind("0.0.0.0:0") else { return };
    let fd = own.as_raw_fd() as usize;
    let size = 88i32;
    let segment = [fd, 6, libc::TCP_MAXSEG as usize, to(&size), 4];
    attempt("segments of 88", call(libc::SYS_setsockopt, &segment));
    let option = libc::SO_BINDTODEVICE as usize;
    let loopback = [fd, libc::SOL_SOCKET as usize, option, to(b"lo"), 2];
    attempt("loopback", call(libc::SYS_setsockopt, &loopback));
}

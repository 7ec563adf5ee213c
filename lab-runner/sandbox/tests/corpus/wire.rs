//! Two network namespaces and a wire between them, with a packet socket at the
//! peer's end.

use std::fs::{self, File};
use std::io;
use std::net::UdpSocket;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd};

use anyhow::{Context, Result, bail};
use nix::sched::{CloneFlags, setns, unshare};

pub(crate) const STUDENT: [u8; 4] = [10, 77, 0, 1];
pub(crate) const PEER: [u8; 4] = [10, 77, 0, 2];
const LINKS: [&str; 2] = ["v0", "p0"];

/// A frame as far as it matters here.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Student,
    Peer,
    Forged(String),
}

pub(crate) struct Wire {
    home: File,
    pub(crate) student: File,
    pub(crate) peer: File,
    tap: OwnedFd,
    macs: [[u8; 6]; 2],
}

impl Wire {
    pub(crate) fn new() -> Result<Wire> {
        let home = own_namespace()?;
        let peer = fresh()?;
        let student = fresh()?;
        make_pair(&peer).context("make the wire")?;
        let student_mac = set_up(LINKS[0], STUDENT)?;
        setns(&peer, CloneFlags::CLONE_NEWNET)?;
        let peer_mac = set_up(LINKS[1], PEER)?;
        let tap = tap(LINKS[1]).context("listen at the peer's end")?;
        setns(&home, CloneFlags::CLONE_NEWNET)?;
        let macs = [student_mac, peer_mac];
        Ok(Wire { home, student, peer, tap, macs })
    }

    /// `act` in one of the namespaces.
    pub(crate) fn on<T>(
        &self,
        namespace: &File,
        act: impl FnOnce() -> T,
    ) -> Result<T> {
        setns(namespace, CloneFlags::CLONE_NEWNET)?;
        let done = act();
        setns(&self.home, CloneFlags::CLONE_NEWNET)?;
        Ok(done)
    }

    /// What the student could have broken, as a text.
    pub(crate) fn state(&self) -> Result<String> {
        self.on(&self.student, || {
            let mut text = String::new();
            for path in [
                "/proc/thread-self/net/route",
                "/proc/sys/net/ipv4/tcp_timestamps",
                "/proc/sys/net/ipv4/ip_forward",
                "/proc/sys/net/ipv4/ping_group_range",
            ] {
                text += &fs::read_to_string(path).unwrap_or_default();
            }
            let devices = fs::read_to_string("/proc/thread-self/net/dev");
            for line in devices.unwrap_or_default().lines() {
                text += line.split(':').next().unwrap_or_default();
            }
            for number in
                [libc::SIOCGIFMTU, libc::SIOCGIFFLAGS, libc::SIOCGIFADDR]
            {
                let answer = ask(LINKS[0], number, &[]);
                text += &match answer {
                    Ok(bytes) => format!("{:?}\n", &bytes[16..24]),
                    Err(error) => format!("{error}\n"),
                };
            }
            text
        })
    }

    /// The frames since the last time.
    pub(crate) fn frames(&self) -> Vec<Seen> {
        let mut seen = Vec::new();
        let mut frame = [0u8; 2048];
        loop {
            // SAFETY: receives at most the buffer's length.
            let length = unsafe {
                libc::recv(
                    self.tap.as_raw_fd(),
                    frame.as_mut_ptr().cast(),
                    frame.len(),
                    libc::MSG_DONTWAIT,
                )
            };
            match usize::try_from(length) {
                Ok(length) => seen.push(self.look(&frame[..length])),
                Err(_) => return seen,
            }
        }
    }

    fn look(&self, frame: &[u8]) -> Seen {
        let forged = || Seen::Forged(format!("{frame:02x?}"));
        let (Some(mac), Some(kind)) = (frame.get(6..12), frame.get(12..14))
        else {
            return forged();
        };
        let source = match kind {
            [0x08, 0x00] => frame.get(26..30),
            [0x08, 0x06] => frame.get(28..32),
            _ => None,
        };
        let is = |index: usize, address: [u8; 4]| {
            mac == self.macs[index] && source == Some(&address[..])
        };
        match (is(0, STUDENT), is(1, PEER)) {
            (true, _) => Seen::Student,
            (_, true) => Seen::Peer,
            _ => forged(),
        }
    }
}

fn own_namespace() -> io::Result<File> {
    File::open("/proc/thread-self/ns/net")
}

fn fresh() -> Result<File> {
    unshare(CloneFlags::CLONE_NEWNET)?;
    for which in ["all", "default"] {
        let path = format!("/proc/sys/net/ipv6/conf/{which}/disable_ipv6");
        let _ = fs::write(path, "1");
    }
    Ok(own_namespace()?)
}

/// RTM_NEWLINK: a veth here, with its other end in `peer`.
fn make_pair(peer: &File) -> Result<()> {
    let name = |name: &str| attribute(3, format!("{name}\0").as_bytes());
    let fd = (peer.as_raw_fd() as u32).to_ne_bytes();
    let other: Vec<u8> =
        [vec![0; 16], name(LINKS[1]), attribute(28, &fd)].concat();
    let data = attribute(2, &attribute(1, &other));
    let info = [attribute(1, b"veth"), data].concat();
    let body = [vec![0; 16], name(LINKS[0]), attribute(18, &info)].concat();
    let mut message = ((16 + body.len()) as u32).to_ne_bytes().to_vec();
    // NLM_F_REQUEST, ACK, CREATE, EXCL
    message.extend([16, 0, 5, 6]);
    message.extend([0; 8]);
    message.extend(body);
    // SAFETY: plain system calls on a socket of ours and our buffers.
    let code = unsafe {
        let fd = libc::socket(libc::AF_NETLINK, libc::SOCK_RAW, 0);
        let socket = OwnedFd::from_raw_fd(fd);
        let fd = socket.as_raw_fd();
        libc::send(fd, message.as_ptr().cast(), message.len(), 0);
        let mut answer = [0u8; 1024];
        libc::recv(fd, answer.as_mut_ptr().cast(), answer.len(), 0);
        i32::from_ne_bytes([answer[16], answer[17], answer[18], answer[19]])
    };
    match code {
        0 => Ok(()),
        _ => bail!("{}", io::Error::from_raw_os_error(-code)),
    }
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = ((4 + value.len()) as u16).to_ne_bytes().to_vec();
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Address and up. Its MAC address.
fn set_up(link: &str, [a, b, c, d]: [u8; 4]) -> Result<[u8; 6]> {
    let address = |last: [u8; 4]| [&[2, 0, 0, 0], &last[..]].concat();
    ask(link, libc::SIOCSIFADDR, &address([a, b, c, d]))?;
    ask(link, libc::SIOCSIFNETMASK, &address([255, 255, 255, 0]))?;
    let up = (libc::IFF_UP as u16).to_ne_bytes();
    ask(link, libc::SIOCSIFFLAGS, &up)?;
    raise_loopback()?;
    let answer = ask(link, libc::SIOCGIFHWADDR, &[])?;
    Ok(answer[18..24].try_into()?)
}

pub(crate) fn raise_loopback() -> Result<()> {
    let up = (libc::IFF_UP as u16).to_ne_bytes();
    ask("lo", libc::SIOCSIFFLAGS, &up)?;
    Ok(())
}

/// An ioctl on a struct ifreq.
fn ask(link: &str, number: u64, rest: &[u8]) -> io::Result<[u8; 40]> {
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    let mut request = [0u8; 40];
    request[..link.len()].copy_from_slice(link.as_bytes());
    request[16..16 + rest.len()].copy_from_slice(rest);
    // SAFETY: the kernel reads and writes one ifreq, which is 40 bytes.
    let answer = unsafe {
        libc::ioctl(socket.as_raw_fd(), number as _, request.as_mut_ptr())
    };
    match answer {
        0 => Ok(request),
        _ => Err(io::Error::last_os_error()),
    }
}

fn tap(link: &str) -> Result<OwnedFd> {
    let every = 3u16.to_be();
    let index = nix::net::if_::if_nametoindex(link)?;
    // SAFETY: all zeroes is a sockaddr_ll.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = every;
    address.sll_ifindex = index as i32;
    // SAFETY: plain system calls on a socket of ours and our struct.
    let tap = unsafe {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC;
        let fd = libc::socket(libc::AF_PACKET, kind, i32::from(every));
        if fd < 0 {
            return Err(io::Error::last_os_error().into());
        }
        let tap = OwnedFd::from_raw_fd(fd);
        let length = size_of::<libc::sockaddr_ll>() as u32;
        if libc::bind(fd, (&raw const address).cast(), length) < 0 {
            return Err(io::Error::last_os_error().into());
        }
        tap
    };
    let most = 8 << 20;
    let _ = nix::sys::socket::setsockopt(
        &tap.as_fd(),
        nix::sys::socket::sockopt::RcvBuf,
        &most,
    );
    Ok(tap)
}

//! Sends a report by a socket that must not block: as much as the kernel
//! takes, then the rest when it has room again.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nonblocking(true)?;
    let report = report();
    let mut rest = &report[..];
    while !rest.is_empty() {
        match server.write(rest) {
            Ok(n) => rest = &rest[n..],
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                let room = PollFd::new(server.as_fd(), PollFlags::POLLOUT);
                poll(&mut [room], PollTimeout::NONE)?;
            }
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

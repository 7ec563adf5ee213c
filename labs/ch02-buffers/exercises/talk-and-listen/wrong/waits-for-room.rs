//! Wrong: it doesn't block, it polls; but only for room, and nobody makes any.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
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
    server.set_nonblocking(false)?;
    server.shutdown(Shutdown::Write)?;
    server.read_to_end(&mut Vec::new())?;
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

//! Wrong: write_all() says that it would block, and not how much it wrote.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;
use std::os::fd::AsFd;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nonblocking(true)?;
    let report = report();
    while let Err(e) = server.write_all(&report) {
        if e.kind() != ErrorKind::WouldBlock {
            return Err(e);
        }
        let room = PollFd::new(server.as_fd(), PollFlags::POLLOUT);
        poll(&mut [room], PollTimeout::NONE)?;
    }
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

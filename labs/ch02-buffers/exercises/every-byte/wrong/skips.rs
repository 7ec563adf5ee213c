//! Wrong: what would block is not sent later. It is not sent.

use std::io::{ErrorKind, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nonblocking(true)?;
    for part in report().chunks(10_000) {
        match server.write(part) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => continue,
            result => result?,
        };
    }
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

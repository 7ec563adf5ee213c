//! Draws six tickets, and acknowledges the first half of each at once.

use std::io::{Read, Write};
use std::net::TcpStream;

use socket2::SockRef;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let mut ticket = *b"0000";
    for _ in 0..6 {
        server.write_all(&ticket)?;
        // Each request makes the kernel believe in a conversation again.
        SockRef::from(&server).set_tcp_quickack(true)?;
        server.read_exact(&mut [0; 6])?;
        server.read_exact(&mut ticket)?;
    }
    Ok(())
}

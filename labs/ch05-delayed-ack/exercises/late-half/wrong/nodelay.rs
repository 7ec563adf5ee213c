//! Wrong: what waits is the server's second half, not ours.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    let mut ticket = *b"0000";
    for _ in 0..6 {
        server.write_all(&ticket)?;
        server.read_exact(&mut [0; 6])?; // "next: "
        server.read_exact(&mut ticket)?;
    }
    Ok(())
}

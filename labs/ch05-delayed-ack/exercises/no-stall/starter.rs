//! Asks three times, over one connection.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    for _ in 0..3 {
        // TODO: from the second request on, this takes 40 ms. Why?
        server.write_all(b"header, ")?;
        server.write_all(b"body")?;
        server.read_exact(&mut [0; 6])?;
    }
    Ok(())
}

//! Wrong: TCP_QUICKACK is gone with the next request.

use std::io::{Read, Write};
use std::net::TcpStream;

use socket2::SockRef;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    SockRef::from(&server).set_tcp_quickack(true)?;
    let mut ticket = *b"0000";
    for _ in 0..6 {
        server.write_all(&ticket)?;
        server.read_exact(&mut [0; 6])?; // "next: "
        server.read_exact(&mut ticket)?;
    }
    Ok(())
}

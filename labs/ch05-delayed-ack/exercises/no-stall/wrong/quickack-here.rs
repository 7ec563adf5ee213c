//! Wrong: it is the server's kernel that delays the ACK, not ours.

use std::io::{Read, Write};
use std::net::TcpStream;

use socket2::SockRef;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    for _ in 0..3 {
        SockRef::from(&server).set_tcp_quickack(true)?;
        server.write_all(b"header, ")?;
        server.write_all(b"body")?;
        server.read_exact(&mut [0; 6])?;
    }
    Ok(())
}

//! Wrong: TCP_NODELAY ends the wait and doubles the segments.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?; // quick, but two segments for each request
    for _ in 0..3 {
        server.write_all(b"header, ")?;
        server.write_all(b"body")?;
        server.read_exact(&mut [0; 6])?;
    }
    Ok(())
}

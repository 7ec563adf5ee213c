//! Wrong: the body never leaves, so nobody can answer.

use std::io::Write;
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    for _ in 0..3 {
        server.write_all(b"header, ")?;
    }
    Ok(())
}

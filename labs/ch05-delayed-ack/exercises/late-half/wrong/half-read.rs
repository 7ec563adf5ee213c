//! Wrong: takes the first half for the whole, so the next request is wrong.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let mut ticket = *b"0000";
    let mut answer = [0; 16];
    for _ in 0..6 {
        server.write_all(&ticket)?;
        let n = server.read(&mut answer)?; // one read is not one answer
        ticket.copy_from_slice(&answer[n.saturating_sub(4)..][..4]);
    }
    Ok(())
}

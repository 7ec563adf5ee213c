//! Sends a report by a socket that must not block.

use std::io::Write;
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nonblocking(true)?;
    let report = report();
    let n = server.write(&report)?; // TODO: and the rest?
    println!("write() took {n} bytes of {}", report.len());
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

//! Has a report checked by a server that gives every byte back.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.write_all(&report())?; // TODO: why does this not return?
    server.shutdown(Shutdown::Write)?;
    let mut back = Vec::new();
    server.read_to_end(&mut back)?;
    println!("{} bytes came back", back.len());
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

//! Passes messages on: four bytes of length become two.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::Context;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    loop {
        let mut length = [0; 4];
        server.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length);
        // Before anything is allocated or awaited.
        let short = u16::try_from(length).context("too long for the device")?;
        let mut text = vec![0; length as usize];
        server.read_exact(&mut text)?;
        server.write_all(&[&short.to_le_bytes()[..], &text].concat())?;
    }
}

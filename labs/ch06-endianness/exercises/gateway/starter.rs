//! Passes messages on: four bytes of length become two.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    loop {
        // TODO: what does read() promise?
        let mut length = [0; 4];
        if server.read(&mut length)? == 0 {
            return Ok(());
        }
        let mut text = vec![0; u32::from_be_bytes(length) as usize];
        let n = server.read(&mut text)?;
        text.truncate(n);
        let length = (n as u16).to_le_bytes();
        server.write_all(&[&length[..], &text].concat())?;
    }
}

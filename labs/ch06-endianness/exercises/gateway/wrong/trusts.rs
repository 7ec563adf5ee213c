//! Wrong: believes in 16 MB, and waits for them.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    loop {
        let mut length = [0; 4];
        server.read_exact(&mut length)?;
        let mut text = vec![0; u32::from_be_bytes(length) as usize];
        server.read_exact(&mut text)?;
        let length = u16::try_from(text.len())?;
        server.write_all(&[&length.to_le_bytes()[..], &text].concat())?;
    }
}

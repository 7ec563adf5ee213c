//! Wrong: 16777216 as a `u16` is 0.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    loop {
        let mut length = [0; 4];
        server.read_exact(&mut length)?;
        let length = u32::from_be_bytes(length) as u16;
        let mut text = vec![0; usize::from(length)];
        server.read_exact(&mut text)?;
        server.write_all(&[&length.to_le_bytes()[..], &text].concat())?;
    }
}

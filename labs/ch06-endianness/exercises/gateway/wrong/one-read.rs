//! Wrong: takes what one read returns for one message.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let mut message = [0; 4096];
    loop {
        let n = server.read(&mut message)?;
        if n == 0 {
            return Ok(());
        }
        let text = &message[4.min(n)..n];
        let length = (text.len() as u16).to_le_bytes();
        server.write_all(&[&length[..], text].concat())?;
    }
}

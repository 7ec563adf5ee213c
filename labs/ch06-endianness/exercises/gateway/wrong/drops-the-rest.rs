//! Wrong: what was read beyond the end of a message is forgotten.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let (mut have, mut more) = (Vec::new(), [0; 4096]);
    loop {
        let n = server.read(&mut more)?;
        if n == 0 {
            return Ok(());
        }
        have.extend_from_slice(&more[..n]);
        let Some((length, text)) = have.split_first_chunk::<4>() else {
            continue;
        };
        let length = u16::try_from(u32::from_be_bytes(*length))?;
        let Some(text) = text.get(..usize::from(length)) else { continue };
        server.write_all(&[&length.to_le_bytes()[..], text].concat())?;
        have.clear();
    }
}

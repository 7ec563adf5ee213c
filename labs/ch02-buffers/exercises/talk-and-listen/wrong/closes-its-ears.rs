//! Wrong: shutdown(Read) tells nobody. What comes back fills the same buffer.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.shutdown(Shutdown::Read)?; // nobody needs it
    server.write_all(&report())?;
    server.shutdown(Shutdown::Write)
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

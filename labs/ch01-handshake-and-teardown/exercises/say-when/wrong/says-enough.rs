//! Wrong: flush() and TCP_NODELAY send what was written. They end nothing.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    server.write_all(b"two loaves, six eggs")?;
    server.flush()?;
    let mut receipt = String::new();
    server.read_to_string(&mut receipt)?;
    println!("{receipt:?}");
    Ok(())
}

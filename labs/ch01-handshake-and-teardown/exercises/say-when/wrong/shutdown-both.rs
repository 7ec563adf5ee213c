//! Wrong: shutdown(Both) is no milder than close().

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.write_all(b"two loaves, six eggs")?;
    server.shutdown(Shutdown::Both)?; // end of file at once, for us too
    let mut receipt = String::new();
    server.read_to_string(&mut receipt)?;
    println!("{receipt:?}");
    Ok(())
}

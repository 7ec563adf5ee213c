//! Wrong: it says when, and doesn't stay for the receipt.

use std::io::Write;
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.write_all(b"two loaves, six eggs")?;
    server.shutdown(Shutdown::Write)
}

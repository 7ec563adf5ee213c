//! Wrong: the FIN of close() is the same, but nobody is left to read.

use std::io::Write;
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    server.write_all(b"two loaves, six eggs")
}

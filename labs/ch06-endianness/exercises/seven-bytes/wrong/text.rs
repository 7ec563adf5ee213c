//! Wrong: digits are not a number of four bytes.

use std::io::Write;
use std::net::TcpStream;

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut server = TcpStream::connect(&arguments[0])?;
    server.write_all(arguments[1..].concat().as_bytes())?;
    Ok(())
}

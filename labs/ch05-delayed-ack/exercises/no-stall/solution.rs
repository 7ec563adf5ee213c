//! Asks three times, over one connection, each time in one segment.

use std::io::{BufWriter, Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut answers = TcpStream::connect(server)?;
    let mut requests = BufWriter::new(answers.try_clone()?);
    for _ in 0..3 {
        requests.write_all(b"header, ")?;
        requests.write_all(b"body")?;
        requests.flush()?; // one write, so one segment: Nagle has nothing to hold
        answers.read_exact(&mut [0; 6])?;
    }
    Ok(())
}

//! Wrong: a part out, the same part in; but the last one is left unread.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let report = report();
    let (most, last) = report.split_at(report.len() - 702);
    for part in most.chunks(48_600) {
        server.write_all(part)?;
        server.read_exact(&mut vec![0; part.len()])?;
    }
    server.write_all(last)?;
    server.shutdown(Shutdown::Write)
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

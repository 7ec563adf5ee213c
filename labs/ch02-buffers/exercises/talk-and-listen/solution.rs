//! Has a report checked: one thread talks, another listens.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::thread;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut server = TcpStream::connect(server)?;
    let mut talker = server.try_clone()?;
    let talks = thread::spawn(move || {
        talker.write_all(&report())?;
        talker.shutdown(Shutdown::Write)
    });
    let mut back = Vec::new();
    server.read_to_end(&mut back)?;
    talks.join().expect("the talker does not panic")?;
    println!("{} bytes came back", back.len());
    Ok(())
}

fn report() -> Vec<u8> {
    "abcdefghijklmnopqrstuvwxyz\n".repeat(37_000).into_bytes()
}

//! Wrong: whoever asks two servers in case one dies, pays for both.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let one = TcpStream::connect(&server)?;
    let other = TcpStream::connect(&server)?;
    for connection in [one, other] {
        thread::spawn(|| {
            let Ok(result) = ask(connection) else { return };
            println!("{result}");
            std::process::exit(0);
        });
    }
    loop {
        thread::park();
    }
}

fn ask(mut server: TcpStream) -> std::io::Result<String> {
    server.write_all(b"add 2 3\n")?;
    let mut result = String::new();
    server.read_to_string(&mut result)?;
    Ok(result)
}

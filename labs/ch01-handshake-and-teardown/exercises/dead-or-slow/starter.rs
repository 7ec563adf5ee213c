//! Has a sum computed by a server.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    loop {
        let connection = TcpStream::connect(&server)?;
        match ask(connection) {
            Ok(result) => {
                println!("{result}");
                return Ok(());
            }
            Err(error) => println!("{error}: asking again"),
        }
    }
}

fn ask(mut server: TcpStream) -> std::io::Result<String> {
    server.write_all(b"add 2 3\n")?;
    let mut result = String::new();
    // TODO: if the server's machine dies, this waits for ever.
    server.read_to_string(&mut result)?;
    match result.is_empty() {
        true => Err(Error::from(ErrorKind::UnexpectedEof)),
        false => Ok(result),
    }
}

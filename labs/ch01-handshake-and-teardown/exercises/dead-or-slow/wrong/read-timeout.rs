//! Wrong: what is too long for a dead server is too short for a slow one.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

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
    server.set_read_timeout(Some(Duration::from_millis(400)))?;
    server.write_all(b"add 2 3\n")?;
    let mut result = String::new();
    server.read_to_string(&mut result)?;
    match result.is_empty() {
        true => Err(Error::from(ErrorKind::UnexpectedEof)),
        false => Ok(result),
    }
}

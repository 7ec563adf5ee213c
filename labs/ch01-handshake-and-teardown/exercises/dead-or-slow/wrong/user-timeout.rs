//! Wrong: TCP_USER_TIMEOUT is about bytes that nobody acknowledges. The job
//! was acknowledged.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use socket2::SockRef;

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
    let second = Duration::from_secs(1);
    SockRef::from(&server).set_tcp_user_timeout(Some(second))?;
    server.write_all(b"add 2 3\n")?;
    let mut result = String::new();
    server.read_to_string(&mut result)?;
    match result.is_empty() {
        true => Err(Error::from(ErrorKind::UnexpectedEof)),
        false => Ok(result),
    }
}

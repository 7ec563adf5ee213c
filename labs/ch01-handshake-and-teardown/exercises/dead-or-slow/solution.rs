//! Has a sum computed by a server, and lets the kernel ask whether that one is
//! still there: a busy program's kernel answers, a new kernel sends a RST.

use std::io::{Error, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use socket2::{SockRef, TcpKeepalive};

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
    let probes = TcpKeepalive::new().with_time(second).with_interval(second);
    SockRef::from(&server).set_tcp_keepalive(&probes)?;
    server.write_all(b"add 2 3\n")?;
    let mut result = String::new();
    server.read_to_string(&mut result)?;
    match result.is_empty() {
        true => Err(Error::from(ErrorKind::UnexpectedEof)),
        false => Ok(result),
    }
}

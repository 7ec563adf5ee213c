//! Wrong: SO_LINGER waits for our bytes to be acknowledged. They were; it is
//! the client's that nobody reads.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use socket2::SockRef;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let listener = TcpListener::bind(here)?;
    for _ in 0..2 {
        let (client, _) = listener.accept()?;
        if let Err(error) = refuse(client) {
            println!("{error}");
        }
    }
    Ok(())
}

fn refuse(client: TcpStream) -> std::io::Result<()> {
    let mut first_line = String::new();
    BufReader::new(&client).read_line(&mut first_line)?;
    (&client).write_all(b"too large\n")?;
    SockRef::from(&client).set_linger(Some(Duration::from_secs(1)))
}

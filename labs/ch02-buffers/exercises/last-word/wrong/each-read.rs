//! Wrong: the limit begins anew with each byte.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Duration;

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
    client.shutdown(Shutdown::Write)?;
    client.set_read_timeout(Some(Duration::from_secs(1)))?;
    (&client).read_to_end(&mut Vec::new())?;
    Ok(())
}

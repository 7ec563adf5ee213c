//! Wrong: whoever never stops sending keeps this server for himself.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

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
    (&client).read_to_end(&mut Vec::new())?;
    Ok(())
}

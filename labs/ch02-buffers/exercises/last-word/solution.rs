//! Refuses two uploads, and listens to the rest for as long as it is willing to.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::{Duration, Instant};

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
    client.shutdown(Shutdown::Write)?; // no more from us; but a RST would undo it
    let until = Instant::now() + Duration::from_secs(1);
    while let Some(left) = until.checked_duration_since(Instant::now()) {
        client.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
        if (&client).read(&mut [0; 4096])? == 0 {
            break;
        }
    }
    Ok(())
}

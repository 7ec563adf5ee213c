//! Answers each line; the answers leave when no more requests are here.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (client, _) = TcpListener::bind(here)?.accept()?;
    let mut answers = BufWriter::new(client.try_clone()?);
    let mut requests = BufReader::new(client);
    let mut name = String::new();
    while requests.read_line(&mut name)? > 0 {
        writeln!(answers, "{} is well", name.trim_end())?;
        name.clear();
        if requests.buffer().is_empty() {
            answers.flush()?; // the next read would wait: nobody else may
        }
    }
    Ok(())
}

//! Answers each request; the answers leave when no more requests are here.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (client, _) = TcpListener::bind(here)?.accept()?;
    let mut answers = BufWriter::new(client.try_clone()?);
    let mut requests = BufReader::new(client);
    let mut request = Vec::new();
    while requests.read_until(b';', &mut request)? > 0 {
        let name = String::from_utf8_lossy(&request);
        write!(answers, "{} is well;", name.trim_end_matches(';'))?;
        request.clear();
        if requests.buffer().is_empty() {
            answers.flush()?; // the next read would wait: nobody else may
        }
    }
    Ok(())
}

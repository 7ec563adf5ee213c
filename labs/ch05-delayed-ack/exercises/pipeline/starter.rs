//! Answers each request, on one connection.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (mut answers, _) = TcpListener::bind(here)?.accept()?;
    let requests = BufReader::new(answers.try_clone()?);
    for name in requests.split(b';') {
        // TODO: the second of three answers takes 40 ms. Who holds it?
        let name = String::from_utf8_lossy(&name?).into_owned();
        let answer = format!("{name} is well;");
        answers.write_all(answer.as_bytes())?;
    }
    Ok(())
}

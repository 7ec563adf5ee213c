//! Answers each line, on one connection.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (mut answers, _) = TcpListener::bind(here)?.accept()?;
    let requests = BufReader::new(answers.try_clone()?);
    for name in requests.lines() {
        // TODO: the second of three answers takes 40 ms. Who holds it?
        let answer = format!("{} is well\n", name?);
        answers.write_all(answer.as_bytes())?;
    }
    Ok(())
}

//! Wrong: it is the client's kernel that delays an ACK, not ours.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

use socket2::SockRef;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (mut answers, _) = TcpListener::bind(here)?.accept()?;
    let requests = BufReader::new(answers.try_clone()?);
    for name in requests.split(b';') {
        SockRef::from(&answers).set_tcp_quickack(true)?;
        let name = String::from_utf8_lossy(&name?).into_owned();
        let answer = format!("{name} is well;");
        answers.write_all(answer.as_bytes())?;
    }
    Ok(())
}

//! Wrong: three answers leave together, and the third time one is asked for.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let (mut client, _) = TcpListener::bind(here)?.accept()?;
    let mut answers = Vec::new();
    let requests = BufReader::new(client.try_clone()?);
    for (n, name) in (1..).zip(requests.split(b';')) {
        write!(answers, "{} is well;", String::from_utf8_lossy(&name?))?;
        if n % 3 == 0 {
            client.write_all(&answers)?;
            answers.clear();
        }
    }
    Ok(())
}

//! Wrong: nobody is lost, and nothing was reloaded.

use std::io::{Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let here = here.parse().expect("an address and a port");
    let listener = open(here)?;
    loop {
        let (mut guest, _) = listener.accept()?;
        let mut asked = [0];
        if guest.read(&mut asked)? == 0 {
            continue;
        }
        if asked == *b"r" {
            // the listener is good enough as it is
        }
        let answer = if asked == *b"r" { b"r" } else { b"!" };
        guest.write_all(answer)?;
    }
}

fn open(here: SocketAddr) -> std::io::Result<Socket> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_address(true)?;
    listener.bind(&here.into())?;
    listener.listen(128)?;
    Ok(listener)
}

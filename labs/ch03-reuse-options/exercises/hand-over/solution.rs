//! Serves one guest after another; `r` makes it reload, and loses nobody.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let here = here.parse().expect("an address and a port");
    let mut listener = open(here)?;
    let mut waiting = VecDeque::new();
    loop {
        let mut guest = match waiting.pop_front() {
            Some(guest) => guest,
            None => listener.accept()?.0,
        };
        let mut asked = [0];
        if guest.read(&mut asked)? == 0 {
            continue;
        }
        if asked == *b"r" {
            let new = open(here)?; // from now on the old one gets nobody new
            listener.set_nonblocking(true)?;
            while let Ok((guest, _)) = listener.accept() {
                waiting.push_back(guest);
            }
            listener = new;
        }
        let answer = if asked == *b"r" { b"r" } else { b"!" };
        guest.write_all(answer)?;
    }
}

fn open(here: SocketAddr) -> std::io::Result<Socket> {
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.set_reuse_port(true)?;
    listener.bind(&here.into())?;
    listener.listen(128)?;
    Ok(listener)
}

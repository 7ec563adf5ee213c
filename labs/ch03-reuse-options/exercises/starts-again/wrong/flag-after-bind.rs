//! Wrong: the flag is for bind(), and comes after it.

use std::io::{Read, Write};
use std::net::SocketAddr;

use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let here = std::env::args().nth(1).expect("where to listen");
    let here: SocketAddr = here.parse().expect("an address and a port");
    let listener = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    listener.bind(&here.into())?;
    listener.set_reuse_address(true)?;
    listener.listen(128)?;

    let (mut guest, _) = listener.accept()?;
    guest.read_exact(&mut [0])?;
    guest.write_all(b"ok")?;
    Ok(()) // closes
}

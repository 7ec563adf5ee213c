//! Tells whoever comes by lo: nobody but this machine can.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let own = std::env::args().nth(1).expect("this machine's own address");
    let own: SocketAddr = own.parse().expect("an address and a port");
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // For a SYN that comes by eth0, no such listener exists.
    socket.bind_device(Some(b"lo"))?;
    socket.bind(&SocketAddr::from(([0, 0, 0, 0], own.port())).into())?;
    socket.listen(128)?;
    for client in TcpListener::from(socket).incoming() {
        let mut client = client?;
        if client.read_exact(&mut [0; 1]).is_ok() {
            let _ = client.write_all(b"fine"); // it may have gone
        }
    }
    Ok(())
}

//! Calls two servers, and holds both connections until each says `go`.

use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use socket2::{Domain, Socket, Type};

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let port = arguments[1].parse().expect("our own port");
    let first = call(port, &arguments[2])?;
    let second = call(port, &arguments[3])?;
    for mut server in [first, second] {
        server.read_exact(&mut [0; 2])?;
    }
    Ok(())
}

fn call(port: u16, server: &str) -> std::io::Result<TcpStream> {
    let server: SocketAddr = server.parse().expect("an address and a port");
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    // TODO: the second call says "Address already in use". Whose is it?
    let own = SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    socket.bind(&own.into())?;
    socket.connect(&server.into())?;
    Ok(socket.into())
}

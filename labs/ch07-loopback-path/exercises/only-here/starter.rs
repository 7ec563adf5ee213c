//! Tells everybody that all is well.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

fn main() -> std::io::Result<()> {
    let own = std::env::args().nth(1).expect("this machine's own address");
    let own: SocketAddr = own.parse().expect("an address and a port");
    // TODO: everybody is more than we want.
    let listener = TcpListener::bind(("0.0.0.0", own.port()))?;
    for client in listener.incoming() {
        let mut client = client?;
        if client.read_exact(&mut [0; 1]).is_ok() {
            let _ = client.write_all(b"fine"); // it may have gone
        }
    }
    Ok(())
}

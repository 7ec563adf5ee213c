//! Wrong: who comes from elsewhere is sent away, but the kernel has let them in.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};

fn main() -> std::io::Result<()> {
    let own = std::env::args().nth(1).expect("this machine's own address");
    let own: SocketAddr = own.parse().expect("an address and a port");
    let listener = TcpListener::bind(("0.0.0.0", own.port()))?;
    loop {
        let (mut client, from) = listener.accept()?;
        if !from.ip().is_loopback() {
            continue; // closed, without a word
        }
        if client.read_exact(&mut [0; 1]).is_ok() {
            let _ = client.write_all(b"fine"); // it may have gone
        }
    }
}

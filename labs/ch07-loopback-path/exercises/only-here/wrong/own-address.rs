//! Wrong: the address of eth0 is not "only from eth0" and not "only from here":
//! the other machine still gets in, and at 127.0.0.1 nobody listens.

use std::io::{Read, Write};
use std::net::TcpListener;

fn main() -> std::io::Result<()> {
    let own = std::env::args().nth(1).expect("this machine's own address");
    let listener = TcpListener::bind(own)?;
    for client in listener.incoming() {
        let mut client = client?;
        if client.read_exact(&mut [0; 1]).is_ok() {
            let _ = client.write_all(b"fine"); // it may have gone
        }
    }
    Ok(())
}

//! Sends an order, says that this was all, and reads until the other side has
//! said the same.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut receipts = TcpStream::connect(server)?;
    let mut orders = receipts.try_clone()?;
    orders.write_all(b"two loaves, six eggs")?;
    orders.shutdown(Shutdown::Write)?; // the connection's half, not a descriptor
    let mut receipt = String::new();
    receipts.read_to_string(&mut receipt)?;
    println!("{receipt:?}");
    Ok(())
}

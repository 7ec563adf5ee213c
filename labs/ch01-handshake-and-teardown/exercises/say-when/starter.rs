//! Sends an order, and prints the receipt.

use std::io::{Read, Write};
use std::net::TcpStream;

fn main() -> std::io::Result<()> {
    let server = std::env::args().nth(1).expect("where the server is");
    let mut receipts = TcpStream::connect(server)?;
    let mut orders = receipts.try_clone()?;
    orders.write_all(b"two loaves, six eggs")?;
    drop(orders); // TODO: this is the end of the order. Who is told?
    let mut receipt = String::new();
    receipts.read_to_string(&mut receipt)?;
    println!("{receipt:?}");
    Ok(())
}

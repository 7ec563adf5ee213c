//! Wrong: the header counts, too.

use std::net::UdpSocket;

fn main() -> std::io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let server = arguments.next().expect("where the server is");
    let socket = UdpSocket::bind("0.0.0.0:0")?;
    socket.connect(server)?;
    for text in arguments {
        let mut datagram = vec![8, 0, 0, 0];
        datagram.extend_from_slice(text.as_bytes());
        let sum = checksum(text.as_bytes()).to_be_bytes();
        datagram[2..4].copy_from_slice(&sum);
        socket.send(&datagram)?;
    }
    Ok(())
}

/// RFC 1071: adds up words; what overflows is added again; inverts.
fn checksum(bytes: &[u8]) -> u16 {
    let words = bytes.chunks(2).map(|pair| {
        u16::from_be_bytes([pair[0], pair.get(1).copied().unwrap_or(0)])
    });
    let mut sum: u32 = words.map(u32::from).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

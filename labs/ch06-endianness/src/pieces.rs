//! Messages with a length in front, to an answer in pieces, and what comes back.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use anyhow::Result;
use lab_kit::claim::hex;
use lab_kit::{Net, ms};

/// A message behind its length: four bytes, in network order.
pub(crate) fn framed(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes(), text].concat()
}

/// Each piece when the one before has been read, or after a while.
pub(crate) fn send(
    net: &Net,
    mut client: &TcpStream,
    pieces: &[Vec<u8>],
) -> Result<()> {
    for piece in pieces {
        let _ = client.write_all(piece); // a closed one is read as closed
        let written = Instant::now();
        net.until("the answer has read it", || {
            let sockets = net.sockets("client")?;
            Ok(written.elapsed() > ms(300)
                || sockets.iter().all(|s| s.recv_q == 0))
        })?;
    }
    Ok(())
}

/// Whether the text comes back behind two bytes, little end first.
pub(crate) fn back(client: &TcpStream, text: &[u8]) -> String {
    let right = [&(text.len() as u16).to_le_bytes(), text].concat();
    let mut came = Vec::new();
    // Cut short by the end or by the clock, it isn't right.
    let _ = client.take(right.len() as u64).read_to_end(&mut came);
    match came.is_empty() {
        _ if came == right => "right".into(),
        true => "nothing came".into(),
        false => hex(&came[..came.len().min(12)]),
    }
}

pub(crate) fn end(mut client: &TcpStream) -> String {
    match client.read(&mut [0; 64]) {
        Ok(0) => "it closed".into(),
        Ok(n) => format!("it passed on {n} bytes"),
        Err(e) if e.kind() == ErrorKind::WouldBlock => "it waits".into(),
        Err(_) => "it closed".into(), // with unread bytes: a reset
    }
}

//! A server's way to read a message that says its length first.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Net, outcome};

// ANCHOR: receive
/// One message, as far as it has come.
pub(crate) fn receive(net: &Net, from: &mut TcpStream) -> Result<String> {
    let mut prefix = [0; 4];
    from.read_exact(&mut prefix)?;
    let length = match net.knob("big_endian") {
        true => u32::from_be_bytes(prefix),
        false => u32::from_le_bytes(prefix), // "it's a number, isn't it?"
    };
    net.observe("length", length)?;
    if u64::from(length) > net.number("limit")? {
        return Ok("too long".into());
    }
    let mut message = vec![0; length as usize];
    from.set_nonblocking(true)?; // a blocking read would never return
    let mut have = 0;
    while have < message.len() {
        match from.read(&mut message[have..]) {
            Ok(0) => return Ok("the end".into()),
            Ok(n) => have += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                return Ok(outcome::<()>(Err(e)));
            }
            Err(e) => return Err(e.into()),
        }
    }
    Ok(format!("{have} bytes"))
}
// ANCHOR_END: receive

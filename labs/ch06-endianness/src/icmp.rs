//! An ICMP echo request, byte by byte, and the Internet checksum.

use std::io::Read;

use anyhow::Result;
use lab_kit::{Net, secs};
use socket2::{Domain, Protocol, Socket, Type};

// ANCHOR: checksum
/// RFC 1071: add up 16-bit words, add what overflows to the sum, invert.
/// `word` says how two bytes make a number.
pub(crate) fn checksum(bytes: &[u8], word: fn([u8; 2]) -> u16) -> u16 {
    let mut sum = 0u32;
    for pair in bytes.chunks(2) {
        // An odd byte at the end is the first of a pair whose second is 0.
        let pair = [pair[0], pair.get(1).copied().unwrap_or(0)];
        sum += u32::from(word(pair));
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
// ANCHOR_END: checksum

// ANCHOR: echo
/// Type 8, code 0, a checksum of 0 for now, identifier, sequence number, text.
pub(crate) fn echo(identifier: [u8; 2], sequence: [u8; 2]) -> Vec<u8> {
    let header = [8, 0, 0, 0];
    [&header[..], &identifier, &sequence, b"who counts?"].concat()
}
// ANCHOR_END: echo

/// Sends an ICMP message to the server, and returns the IP packet that comes
/// back; none, if the server's kernel counts an error.
pub(crate) fn ask(net: &Net, message: &[u8]) -> Result<Option<Vec<u8>>> {
    net.on("client", || {
        let icmp = Some(Protocol::ICMPV4);
        let mut socket = Socket::new(Domain::IPV4, Type::RAW, icmp)?;
        socket.connect(&net.at("server", 0).into())?;
        socket.set_read_timeout(Some(secs(5)))?;
        let errors = || net.counter("server", "IcmpInErrors");
        let answers = || net.counter("server", "IcmpOutEchoReps");
        let before = (errors()?, answers()?);
        socket.send(message)?;
        net.until("the server has seen it", || {
            Ok((errors()?, answers()?) != before)
        })?;
        if errors()? != before.0 {
            return Ok(None);
        }
        let mut packet = vec![0; 1500];
        let len = socket.read(&mut packet)?;
        packet.truncate(len);
        Ok(Some(packet))
    })
}

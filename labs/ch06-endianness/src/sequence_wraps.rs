//! # After 4294967295 comes 0
//!
//! **Question.** A connection's sequence numbers reach their end in the middle
//! of its data. What does the receiver make of numbers that get smaller?

use std::io::Read;

use anyhow::Result;
use lab_kit::{Experiment, Finding, Net, Tcp, Truth, cable, fails, option};

use crate::peer::handshake;

const SMALLER: &str = "the bytes that come last have the smaller number";
const READ: &str = "cd arrives first, and abcd is read";
const ACKED: &str = "all four are acknowledged with the number 2";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Sequence numbers run past their end. Who is confused?";
    Experiment::new("sequence-wraps", question)
        .link(cable("client", "server"))
        .raw("client")
        .option("client", "isn", u32::MAX - 2)
        .option("client", "off_by", 0)
        .script(script)
        .keeps_bytes()
        .claim(SMALLER, |run| {
            let number = |text| run.data(text).segment().map_or(0, |s| s.raw.0);
            let [ab, cd] = ["ab", "cd"].map(number);
            let saw = format!("ab has {ab}, cd has {cd}");
            Finding::new(cd < ab, "a smaller number for cd", saw)
        })
        .claim(READ, |run| run.observed("server", "read").is("abcd"))
        .claim(ACKED, |run| {
            let last = run.segments().from("server").last();
            last.header_has(8..12, &[0, 0, 0, 2])
        })
        .folklore(
            Truth::False,
            "The segment with the smaller sequence number is the older one",
            READ,
        )
        .folklore_note("They are compared on a circle, by what is nearer")
        .what_if(
            "far-from-the-end",
            option("client", "isn", 1000),
            fails([SMALLER, ACKED]),
        )
        // Half the circle away, after and before are the same distance.
        .what_if(
            "half-way-round",
            option("client", "off_by", 1u32 << 31),
            fails([READ, ACKED]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let isn = net.number("client:isn")? as u32;
    let off_by = net.number("client:off_by")? as u32;
    let (peer, mut server) = handshake(net, isn)?;
    let first = peer.segment("P.", b"ab");
    let seq = first.seq.wrapping_add(2).wrapping_add(off_by);
    let second = Tcp { seq, ..peer.segment("P.", b"cd") };
    for segment in [second, first] {
        peer.raw.send(&segment)?;
        peer.raw.recv()?; // its ACK: it has been processed
    }
    let mut bytes = [0; 4];
    let n = server.read(&mut bytes)?;
    let read = String::from_utf8_lossy(&bytes[..n]);
    net.on("server", || net.observe("read", read))?;
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

//! # A checksum in either order
//!
//! **Question.** The checksum's words belong in network order, like every
//! other number. What if a program adds them up in the other order?

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option};

use crate::icmp::{ask, checksum, echo};

const SAME: &str = "both orders give the same two bytes";
const OTHER: &str = "as numbers, the two sums differ";
const BOTH: &str = "the server's kernel answers both";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Who needs htons() for a checksum?";
    Experiment::new("either-order", question)
        .link(cable("client", "server"))
        .option("client", "stored_alike", true)
        .option("client", "sequence", 1)
        .script(script)
        .keeps_bytes()
        .claim(SAME, |run| run.observed("client", "same bytes").is("true"))
        .claim(OTHER, |run| run.observed("client", "same number").is("false"))
        .claim(BOTH, |run| {
            let sent = run.segments().from("client").count_is(2);
            sent.and(run.segments().from("server").count_is(2))
        })
        .folklore(
            Truth::False,
            "A checksum must be added up in network order",
            SAME,
        )
        .shows_counter("server", "IcmpInCsumErrors")
        .what_if(
            "summed-so-stored-so",
            option("client", "stored_alike", false),
            fails([SAME, BOTH]),
        )
        // With this one the checksum is 7272.
        .what_if(
            "sequence-127",
            option("client", "sequence", 127),
            fails([OTHER]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let sequence = net.number("client:sequence")? as u16;
    let mut message = echo([0x12, 0x34], sequence.to_be_bytes());
    let big = checksum(&message, u16::from_be_bytes);
    let little = checksum(&message, u16::from_le_bytes);
    let bytes = match net.knob("client:stored_alike") {
        true => [big.to_be_bytes(), little.to_le_bytes()],
        false => [big.to_be_bytes(), little.to_be_bytes()],
    };
    net.on("client", || -> Result<()> {
        net.observe("same number", big == little)?;
        net.observe("same bytes", bytes[0] == bytes[1])
    })?;
    for sum in bytes {
        message[2..4].copy_from_slice(&sum);
        ask(net, &message)?;
        message[2..4].fill(0);
    }
    Ok(())
}
// ANCHOR_END: script

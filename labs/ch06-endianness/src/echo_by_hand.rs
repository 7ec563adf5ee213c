//! # A ping by hand
//!
//! **Question.** Nineteen bytes, put one after the other: does a kernel take
//! them for an echo request, and what does it make of them?

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Finding, Moment, Net};
use lab_kit::{cable, fails, option};
use pnet_packet::icmp::echo_reply::EchoReplyPacket;

use crate::icmp::{ask, checksum, echo};

const ANSWERED: &str = "the server's kernel answers";
const ECHOED: &str = "identifier and sequence number come back as they were";
const ZERO: &str = "summed with its checksum, the answer is zero";
const PNET: &str = "pnet reads from the answer what a hand reads";
const COUNTED: &str = "no checksum error is counted";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Does a kernel answer a ping put together by hand?";
    Experiment::new("echo-by-hand", question)
        .link(cable("client", "server"))
        .option("client", "checksum", true)
        .option("client", "sequence", 1)
        .script(script)
        .keeps_bytes()
        .claim(ANSWERED, |run| answer(run).is_there())
        .claim(ECHOED, |run| {
            answer(run).header_has(4..8, &[0x12, 0x34, 0x00, 0x01])
        })
        .claim(ZERO, |run| {
            let sum = answer(run)
                .segment()
                .map(|s| checksum(s.transport(), u16::from_be_bytes));
            let saw = sum.map_or("no answer".into(), |n| n.to_string());
            Finding::new(sum == Some(0), "a sum of 0", saw)
        })
        .claim(PNET, |run| {
            let bytes =
                answer(run).segment().map_or(&[][..], |s| s.transport());
            let [hand, pnet] = [by_hand(bytes), by_pnet(bytes)];
            let holds = hand.is_some() && hand == pnet;
            let saw = format!("{hand:04x?} and {pnet:04x?}");
            Finding::new(holds, "the same three numbers", saw)
        })
        .claim(COUNTED, |run| run.counter("server", "IcmpInCsumErrors").is(0))
        .figure("the request", |run| {
            run.segments().from("client").nth(1).packet()
        })
        .figure("the answer", |run| answer(run).packet())
        .shows_counter("server", "IcmpInCsumErrors")
        .what_if(
            "without-checksum",
            option("client", "checksum", false),
            fails([ANSWERED, ECHOED, ZERO, PNET, COUNTED]),
        )
        .what_if(
            "sequence-256",
            option("client", "sequence", 256),
            fails([ECHOED]),
        )
        .ends_with_script()
}

fn answer(run: &Evidence) -> Moment<'_> {
    run.segments().from("server").first()
}

/// Checksum, identifier, sequence number (RFC 792).
fn by_hand(bytes: &[u8]) -> Option<[u16; 3]> {
    let word = |at: usize| {
        let pair = bytes.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(pair))
    };
    Some([word(2)?, word(4)?, word(6)?])
}

fn by_pnet(bytes: &[u8]) -> Option<[u16; 3]> {
    let p = EchoReplyPacket::new(bytes)?;
    Some([p.get_checksum(), p.get_identifier(), p.get_sequence_number()])
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let sequence = net.number("client:sequence")? as u16;
    let mut message = echo([0x12, 0x34], sequence.to_be_bytes());
    if net.knob("client:checksum") {
        let sum = checksum(&message, u16::from_be_bytes);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    ask(net, &message).map(drop)
}
// ANCHOR_END: script

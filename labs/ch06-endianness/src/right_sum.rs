//! # Exercise: the right sum
//!
//! The answer plays the client. It sends datagrams with a header of its own
//! making, whose checksum is to be right.

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::claim::{all, hex};
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, ms, secs};

use crate::icmp::checksum;

/// What is to be sent: even, odd, and two whose sum overflows twice, for those
/// who add up the words big end first and little end first.
const TEXTS: [&str; 4] = [
    "even bytes",
    "odd bytes",
    "wolf, hare, frog, salmon and crane",
    "shrew, crane, newt, heron and salmon",
];
const FORM: &str = "each text arrives behind 08 00 and two bytes more";
const EVEN: &str = "the checksum of an even text is right";
const ODD: &str = "and that of an odd one";
const TWICE: &str = "and that of a text whose sum overflows twice";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("right-sum", "Does it add up?")
        .link(cable("client", "server"))
        .script(script)
        .answered_by("client")
        .keeps_bytes()
        .within(secs(5));
    Exercise::new("A checksum by hand", experiment)
        .rule(2, FORM, FORM_HINTS, |run| all((0..4).map(|n| in_form(run, n))))
        .rule(3, EVEN, EVEN_HINTS, |run| adds_up(run, 0))
        .rule(3, ODD, ODD_HINTS, |run| adds_up(run, 1))
        .rule(2, TWICE, TWICE_HINTS, |run| adds_up(run, 2).and(adds_up(run, 3)))
        .starter_breaks(EVEN)
        .wrong("no-carry", EVEN)
        .wrong("two-orders", EVEN)
        .wrong("odd-byte-last", ODD)
        .wrong("folds-once", TWICE)
        .wrong("text-only", EVEN)
}

const FORM_HINTS: [&str; 3] = [
    "Read the task again: what stands in front of a text?",
    "Four bytes: 08, 00 and the two of the checksum.",
    "One datagram for each text, in their order: `send` once for each.",
];
const EVEN_HINTS: [&str; 3] = [
    "RFC 1071: what is added up, and what becomes of what overflows?",
    "Everything is added up, header and text, two bytes at a time, with 0 \
     where the checksum will be. What overflows at the top is added at the \
     bottom, and the sum is inverted.",
    "Add up into a `u32`; add its upper half to its lower half; invert. \
     Store the sum in the order in which you read the words.",
];
const ODD_HINTS: [&str; 3] = [
    "Nine bytes are four words and a half. Which half?",
    "An odd byte at the end is the first of a pair whose second is 0.",
    "`u16::from_be_bytes([byte, 0])`, not `[0, byte]`. `chunks(2)` gives a \
     last chunk of one byte, `chunks_exact(2)` leaves it out.",
];
const TWICE_HINTS: [&str; 3] = [
    "This text's sum overflows when you add what had overflowed.",
    "ffff + 1 is 10000 again.",
    "`while sum > 0xffff { sum = (sum & 0xffff) + (sum >> 16); }`",
];

/// The n-th datagram on the wire.
fn datagram(run: &Evidence, n: usize) -> Option<&[u8]> {
    let sent = run.segments().from("client");
    let datagrams = sent.that("UDP", |s| s.proto == lab_kit::Proto::Udp);
    datagrams.iter().nth(n).map(|s| s.data())
}

fn in_form(run: &Evidence, n: usize) -> Finding {
    let wanted = format!("08 00, a checksum, {:?}", TEXTS[n]);
    match datagram(run, n) {
        None => Finding::new(false, wanted, "no datagram"),
        Some(bytes) => {
            let holds = bytes.len() == 4 + TEXTS[n].len()
                && bytes.starts_with(&[8, 0])
                && bytes.ends_with(TEXTS[n].as_bytes());
            let saw = format!(
                "{} bytes: {}",
                bytes.len(),
                hex(&bytes[..bytes.len().min(8)])
            );
            Finding::new(holds, wanted, saw)
        }
    }
}

/// All words of it, with the checksum, add up to ffff: what is left is 0.
fn adds_up(run: &Evidence, n: usize) -> Finding {
    let wanted =
        format!("the words of {:?} and its checksum add up to ffff", TEXTS[n]);
    match datagram(run, n) {
        Some(bytes) if bytes.ends_with(TEXTS[n].as_bytes()) => {
            let sum = !checksum(bytes, u16::from_be_bytes);
            Finding::new(sum == 0xffff, wanted, format!("{sum:04x}"))
        }
        _ => Finding::new(false, wanted, "it did not come"),
    }
}

fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    server.set_read_timeout(Some(secs(2)))?;
    let n = net.on("client", || {
        let there = net.at("server", 7000).to_string();
        net.answer(&[&[there.as_str()], &TEXTS[..]].concat())
    })?;
    for _ in TEXTS {
        // What doesn't come is missing on the wire, too.
        if server.recv(&mut [0; 2048]).is_err() {
            break;
        }
        server.set_read_timeout(Some(ms(600)))?;
    }
    net.stop_answer(n)?;
    Ok(())
}

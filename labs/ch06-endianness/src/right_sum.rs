//! # Exercise: the right sum
//!
//! The answer plays the client. It sends datagrams with a header of its own
//! making, whose checksum is to be right.

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::claim::hex;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, ms, secs};

use crate::datagrams::{first_wrong, of_datagram};
use crate::hints::right_sum as hints;
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
        .within(secs(8));
    Exercise::new("A checksum by hand", experiment)
        .rule(2, FORM, hints::FORM, |run| {
            first_wrong((0..4).map(|n| in_form(run, n)))
        })
        .rule(3, EVEN, hints::EVEN, |run| adds_up(run, 0))
        .rule(3, ODD, hints::ODD, |run| adds_up(run, 1))
        .rule(2, TWICE, hints::TWICE, |run| {
            first_wrong([2, 3].map(|n| adds_up(run, n)))
        })
        .starter_breaks(EVEN)
        .wrong("no-carry", EVEN)
        .wrong("two-orders", EVEN)
        .wrong("odd-byte-last", ODD)
        .wrong("folds-once", TWICE)
        .wrong("text-only", EVEN)
}

fn in_form(run: &Evidence, n: usize) -> Finding {
    let text = TEXTS[n];
    let wanted = format!("08 00, two bytes, {text:?}");
    of_datagram(run, n, wanted, |bytes| {
        let holds = bytes.len() == 4 + text.len()
            && bytes.starts_with(&[8, 0])
            && bytes.ends_with(text.as_bytes());
        let few = bytes.len().min(8);
        (holds, format!("{} bytes: {}", bytes.len(), hex(&bytes[..few])))
    })
}

/// All words of it, with the checksum, add up to ffff: what is left is 0.
fn adds_up(run: &Evidence, n: usize) -> Finding {
    let form = in_form(run, n);
    if !form.holds {
        return form;
    }
    let wanted = format!("{:?} adds up to ffff, its checksum too", TEXTS[n]);
    of_datagram(run, n, wanted, |bytes| {
        let sum = !checksum(bytes, u16::from_be_bytes);
        (sum == 0xffff, format!("{sum:04x}"))
    })
}

fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    server.set_read_timeout(Some(secs(3)))?;
    let n = net.on("client", || {
        let there = net.at("server", 7000).to_string();
        net.answer(&[&[there.as_str()], &TEXTS[..]].concat())
    })?;
    for _ in TEXTS {
        // What doesn't come is missing on the wire, too.
        if server.recv(&mut [0; 2048]).is_err() {
            break;
        }
        server.set_read_timeout(Some(ms(1500)))?;
    }
    net.stop_answer(n)?;
    Ok(())
}

//! # A text that says its order
//!
//! **Question.** UTF-16 is numbers of 16 bits. Which order do they have on the
//! wire, and what does a reader make of the wrong one?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Moment, Net, Truth, cable, fails, option};

use crate::pair::pair;

const MARKED: &str = "with a mark, both orders are read as hi";
const BYTES: &str = "the mark is fe ff or ff fe";
const WRONG: &str = "without, the wrong order reads U+6800 U+6900";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "In which order does UTF-16 leave?";
    Experiment::new("byte-order-mark", question)
        .link(cable("client", "server"))
        .option("client", "mark", true)
        .option("client", "unmarked_big_endian", false)
        .script(script)
        .keeps_bytes()
        .claim(MARKED, |run| {
            let first = run.observed_nth("server", "read", 1).is("hi");
            first.and(run.observed_nth("server", "read", 2).is("hi"))
        })
        .claim(BYTES, |run| {
            let big = sent(run, 1).data_is(&[0xfe, 0xff, 0, b'h', 0, b'i']);
            big.and(sent(run, 2).data_is(&[0xff, 0xfe, b'h', 0, b'i', 0]))
        })
        .claim(WRONG, |run| {
            run.observed_nth("server", "read", 3).is("U+6800 U+6900")
        })
        .folklore(Truth::Partly, "Text has no byte order", WRONG)
        .folklore_note("UTF-8 has none. UTF-16 has two")
        .what_if(
            "no-mark",
            option("client", "mark", false),
            fails([MARKED, BYTES]),
        )
        .what_if(
            "network-order",
            option("client", "unmarked_big_endian", true),
            fails([WRONG]),
        )
        .ends_with_script()
}

fn sent(run: &Evidence, n: usize) -> Moment<'_> {
    run.segments().with_data().nth(n)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    let mark = if net.knob("client:mark") { "\u{feff}" } else { "" };
    let marked: Vec<u16> = format!("{mark}hi").encode_utf16().collect();
    let plain: Vec<u16> = "hi".encode_utf16().collect();
    let big = |text: &[u16]| -> Vec<u8> {
        text.iter().flat_map(|unit| unit.to_be_bytes()).collect()
    };
    let little = |text: &[u16]| -> Vec<u8> {
        text.iter().flat_map(|unit| unit.to_le_bytes()).collect()
    };
    let third = match net.knob("client:unmarked_big_endian") {
        true => big(&plain),
        false => little(&plain),
    };
    for bytes in [big(&marked), little(&marked), third] {
        client.write_all(&bytes)?;
        let mut came = vec![0; bytes.len()];
        server.read_exact(&mut came)?;
        net.on("server", || net.observe("read", read(&came)))?;
    }
    net.keep(client);
    net.keep(server);
    Ok(())
}

/// As RFC 2781, section 4.3, says: by the mark, and without one big-endian.
fn read(bytes: &[u8]) -> String {
    let (little, bytes) = match bytes {
        [0xff, 0xfe, rest @ ..] => (true, rest),
        [0xfe, 0xff, rest @ ..] => (false, rest),
        all => (false, all),
    };
    let units = bytes.chunks_exact(2).map(|b| match little {
        true => u16::from_le_bytes([b[0], b[1]]),
        false => u16::from_be_bytes([b[0], b[1]]),
    });
    let text = String::from_utf16_lossy(&units.collect::<Vec<_>>());
    match text.is_ascii() {
        true => text,
        false => {
            let all = text.chars().map(|c| format!("U+{:04X}", c as u32));
            all.collect::<Vec<_>>().join(" ")
        }
    }
}
// ANCHOR_END: script

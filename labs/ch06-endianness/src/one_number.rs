//! # One number, four bytes
//!
//! **Question.** In which order do the bytes of a number leave the machine?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Moment, Net, Truth, cable, fails, option};

use crate::pair::pair;

const BIG: &str = "big-endian sends the big end first";
const LITTLE: &str = "little-endian sends the little end first";
const NATIVE: &str = "memory is in the order that the compiler was told";
const UNION: &str = "a union finds nothing that to_ne_bytes() doesn't";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "In which order do the bytes of a number leave?";
    Experiment::new("one-number", question)
        .link(cable("client", "server"))
        .option("client", "number", 0x0102_0304)
        .option("client", "swapped", false)
        .script(script)
        .keeps_bytes()
        .claim(BIG, |run| sent(run, 1).data_is(&[1, 2, 3, 4]))
        .claim(LITTLE, |run| sent(run, 2).data_is(&[4, 3, 2, 1]))
        .claim(NATIVE, |run| run.observed("client", "in memory").is("as told"))
        .claim(UNION, |run| run.observed("client", "in a union").is("the same"))
        .figure("every byte of the first one", |run| sent(run, 1).packet())
        .folklore(Truth::True, "The network is big-endian", BIG)
        .folklore_note("Its own headers are; your payload is what you wrote")
        .folklore(Truth::False, "It takes a union to see the order", UNION)
        // 0x11111111 is the same from either end.
        .what_if(
            "all-bytes-alike",
            option("client", "number", 0x1111_1111),
            fails([BIG, LITTLE]),
        )
        .what_if(
            "swapped-first",
            option("client", "swapped", true),
            fails([NATIVE, UNION]),
        )
        .ends_with_script()
}

fn sent(run: &Evidence, n: usize) -> Moment<'_> {
    run.segments().from("client").with_data().nth(n)
}
// ANCHOR_END: experiment

// ANCHOR: script
/// C's way to look at a number's bytes. The layout of a Rust union is open
/// unless it says `repr(C)`.
#[repr(C)]
union Number {
    whole: u32,
    bytes: [u8; 4],
}

fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    let number = net.number("client:number")? as u32;
    let kept = match net.knob("client:swapped") {
        true => number.swap_bytes(),
        false => number,
    };
    // SAFETY: each four bytes are a [u8; 4].
    let union = unsafe { Number { whole: kept }.bytes };
    let told = match cfg!(target_endian = "big") {
        true => number.to_be_bytes(),
        false => number.to_le_bytes(),
    };
    net.on("client", || -> Result<()> {
        let told_so = kept.to_ne_bytes() == told;
        net.observe("in memory", if told_so { "as told" } else { "others" })?;
        let same = union == number.to_ne_bytes();
        net.observe("in a union", if same { "the same" } else { "others" })
    })?;
    for bytes in [number.to_be_bytes(), number.to_le_bytes()] {
        client.write_all(&bytes)?;
        server.read_exact(&mut [0; 4])?;
    }
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

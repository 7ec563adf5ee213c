//! # The bytes between the fields
//!
//! **Question.** A program sends a struct as it lies in memory. How many bytes
//! leave, and what is in those that no field owns?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Figure, Moment, Net, Truth};
use lab_kit::{cable, fails, option};

use crate::pair::pair;

const SIZE: &str = "seven bytes of fields leave as twelve bytes of struct";
const LEAK: &str = "what lay there before leaves between the fields";
const FIELDS: &str = "all fields arrive";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A struct leaves as it lies in memory. What else leaves?";
    Experiment::new("padding", question)
        .link(cable("client", "server"))
        .option("client", "field_by_field", false)
        .option("client", "zeroed", false)
        .option("client", "length", 0x102)
        .script(script)
        .keeps_bytes()
        .claim(SIZE, |run| sent(run).carries(12))
        .claim(LEAK, |run| sent(run).data_is(b"\x07ld \0\0\x01\x02\x1f\x90rd"))
        .claim(FIELDS, |run| run.observed("server", "length").is("258"))
        .figure("the struct, as it left", |run| {
            let bytes = sent(run).segment().map_or(&[][..], |s| s.data());
            let lay_there = |at| bytes.get(at).map(<[u8]>::escape_ascii);
            let text = |at| lay_there(at).map_or("".into(), |e| e.to_string());
            Figure::bytes(bytes)
                .field(0..1, "kind", 7)
                .field(1..4, "padding", text(1..4))
                .field(4..8, "length", 0x102)
                .field(8..10, "port", 8080)
                .field(10..12, "padding", text(10..12))
        })
        .folklore(
            Truth::False,
            "Between machines of one kind, a struct can go as it lies",
            LEAK,
        )
        .what_if("zeroed", option("client", "zeroed", true), fails([LEAK]))
        .what_if(
            "field-by-field",
            option("client", "field_by_field", true),
            fails([SIZE, LEAK]),
        )
        .what_if(
            "another-length",
            option("client", "length", 3),
            fails([LEAK, FIELDS]),
        )
        .ends_with_script()
}

fn sent(run: &Evidence) -> Moment<'_> {
    run.segments().with_data().first()
}
// ANCHOR_END: experiment

// ANCHOR: script
#[repr(C)] // `length` begins at a multiple of four, and the whole is one
struct Record {
    kind: u8,
    length: u32,
    port: u16,
}

/// Memory that held something else, as a stack or a heap block does.
#[repr(align(4))]
struct Memory([u8; size_of::<Record>()]);

fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    let (kind, port) = (7, 8080u16);
    let length = net.number("client:length")? as u32;
    let fields = net.knob("client:field_by_field");
    let sent = if fields {
        [&[kind][..], &length.to_be_bytes(), &port.to_be_bytes()].concat()
    } else {
        let mut memory = Memory(*b"old password");
        if net.knob("client:zeroed") {
            memory.0.fill(0);
        }
        let record: *mut Record = memory.0.as_mut_ptr().cast();
        // SAFETY: as large and as aligned as a Record. The bytes between the
        // fields aren't written; they were before, so they may be read.
        unsafe {
            (*record).kind = kind;
            (*record).length = length.to_be();
            (*record).port = port.to_be();
        }
        memory.0.to_vec()
    };
    client.write_all(&sent)?;
    let mut came = vec![0; sent.len()];
    server.read_exact(&mut came)?;
    let at = if fields { 1 } else { std::mem::offset_of!(Record, length) };
    let read = u32::from_be_bytes(came[at..at + 4].try_into()?);
    net.on("server", || net.observe("length", read))?;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

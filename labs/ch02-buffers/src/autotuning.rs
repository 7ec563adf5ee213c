//! # A buffer that grows
//!
//! **Question.** The server reads whatever comes. Does its receive buffer keep
//! its size? And if a program has asked for one with `SO_RCVBUF`?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Truth, cable, fails, option,
    send_queue, sysctl,
};

use crate::dials::socket_at;
use crate::meminfo::memory;
use crate::pair::{connect_with, leave_open};

const GREW: &str = "the receive buffer grows while the server reads";
const WINDOW: &str = "and the window with it: at least twice the first";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The server reads fast. Does its buffer keep its size?";
    let saying = "Each side has a buffer of a fixed size";
    Experiment::new("autotuning", question)
        .link(cable("client", "server"))
        .script(script)
        // It starts with 16 KB, not 128, so that few segments show it.
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 16384 6291456"))
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .option("server", "rcvbuf", 0)
        .claim(GREW, |run| {
            run.observed("server", "SO_RCVBUF at the end").is("larger")
        })
        .claim(WINDOW, |run| {
            let window =
                |label| socket_at(run, label, "client").and_then(|s| s.window);
            let (first, last) = (window("round 1"), window("round 4"));
            let (first, last) = (first.unwrap_or(0), last.unwrap_or(0));
            let saw = format!("{first}, then {last}");
            Finding::new(last >= 2 * first, "a window that doubles", saw)
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::Outdated, saying, GREW)
        .folklore_note(
            "Only if a program sets it, or tcp_moderate_rcvbuf is 0.",
        )
        .what_if(
            "asked-for",
            option("server", "rcvbuf", 8192),
            fails([GREW, WINDOW]),
        )
        .what_if(
            "no-tuning",
            sysctl("server", "net.ipv4.tcp_moderate_rcvbuf", 0),
            fails([GREW, WINDOW]),
        )
        .packets_vary("how often a bulk transfer is acknowledged")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    let mut pair = connect_with(net, rcvbuf)?;
    let before = memory(&pair.server)?.receive_buffer;
    for (round, bytes) in (1..).zip([8_000, 16_000, 24_000, 24_000]) {
        pair.client.write_all(&vec![b'x'; bytes])?;
        pair.server.read_exact(&mut vec![0; bytes])?;
        net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
        net.step(&format!("round {round}"))?;
    }
    let after = memory(&pair.server)?.receive_buffer;
    let grew = if after > before { "larger" } else { "as it was" };
    net.on("server", || net.observe("SO_RCVBUF at the end", grew))?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

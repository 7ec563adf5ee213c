//! # What an idle connection holds
//!
//! **Question.** tcp_rmem begins with the least that a receive buffer may
//! be: here a megabyte. How much of it does an idle connection take?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, Truth, cable, fails, option, receive_queue, sysctl,
};

use crate::meminfo::memory;
use crate::pair::{connect, leave_open};

const IDLE: &str = "idle, it holds 0 bytes for data, whatever tcp_rmem says";
const TEN: &str = "ten unread bytes take more than ten: the packet's memory";
const READ: &str = "read, they take nothing again";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What do the buffers of an idle connection hold?";
    let saying = "A connection costs at least 4 KB + 4 KB of buffer memory";
    Experiment::new("idle", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "1048576 1048576 6291456"))
        .option("client", "idle", true)
        .option("client", "bytes", 10)
        .option("server", "reads", true)
        .claim(IDLE, |run| {
            let seen = run.observed("server", "idle: received, queued");
            seen.is("0, 0")
        })
        .claim(TEN, |run| {
            run.observed("server", "10 unread").is("more than 10")
        })
        .claim(READ, |run| run.observed("server", "read").is("0"))
        .folklore(Truth::False, saying, IDLE)
        .folklore_note(
            "tcp_rmem and tcp_wmem are bounds; nothing is set aside.",
        )
        .what_if("not-idle", option("client", "idle", false), fails([IDLE]))
        .what_if("no-bytes", option("client", "bytes", 0), fails([TEN]))
        .what_if("unread", option("server", "reads", false), fails([READ]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect(net)?;
    let bytes = u32::try_from(net.number("client:bytes")?)?;
    let mut write = || -> Result<()> {
        pair.client.write_all(&vec![b'x'; bytes as usize])?;
        net.until("they are here", || Ok(receive_queue(&pair.server)? == bytes))
    };
    let idle = net.knob("client:idle");
    if !idle {
        write()?;
    }
    let held = memory(&pair.server)?;
    let seen = match (held.received, held.queued) {
        (0, 0) => "0, 0",
        _ => "more",
    };
    net.on("server", || net.observe("idle: received, queued", seen))?;
    if idle {
        write()?;
    }
    let more = memory(&pair.server)?.received > 10;
    let seen = if more { "more than 10" } else { "10 at most" };
    net.on("server", || net.observe("10 unread", seen))?;
    if net.knob("server:reads") {
        pair.server.read_exact(&mut vec![0; bytes as usize])?;
    }
    let left = memory(&pair.server)?.received;
    let seen = if left == 0 { "0" } else { "more than 0" };
    net.on("server", || net.observe("read", seen))?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

//! # The window and the round trip
//!
//! **Question.** A program has set `SO_RCVBUF`, because somebody said that it
//! makes things faster. 13 KB are to be sent. How many segments leave before
//! the first ACK is back?

use std::io::Write;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, every, fails, hold, option, route,
    sysctl, wire,
};

use crate::dials::dials;
use crate::pair::{connect_with, leave_open};

const THREE: &str = "three of nine segments leave: a window's worth";
const WAITS: &str = "the rest waits for the round trip";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "SO_RCVBUF is set. How much leaves in a round trip?";
    let saying = "Set SO_RCVBUF for speed";
    Experiment::new("frozen", question)
        .link(wire("client", "server").rule(hold(every()).since("connected")))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("server", "rcvbuf", 5000)
        .claim(THREE, |run| {
            run.segments().from("client").with_data().count_is(3)
        })
        .claim(WAITS, |run| {
            let waits = ("client", "not sent", 9 * 1448 - 3 * 1448);
            dials(run, "written", &[("client", "unacked", 3), waits])
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::Partly, saying, WAITS)
        .folklore_note(
            "A size that is set stays; unset, it grows with the need.",
        )
        .what_if("unset", option("server", "rcvbuf", 0), fails([THREE, WAITS]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    let mut pair = connect_with(net, rcvbuf)?;
    net.mark("connected")?; // from here on the wire holds what it gets
    net.sockets("client")?; // an answer: so the mark has been heard
    pair.client.write_all(&[b'x'; 9 * 1448])?;
    net.step("written")?;
    leave_open(net, pair); // nothing was delivered: no ACK, no more
    Ok(())
}
// ANCHOR_END: script

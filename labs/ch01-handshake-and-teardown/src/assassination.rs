//! # TIME-WAIT assassination
//!
//! **Question.** A segment took a detour, its copy arrived in time, and the
//! connection has long been closed. Now the first one arrives at the end that
//! waits for just such stragglers. What is left of its TIME-WAIT?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, fails, hold, nth, option, sysctl, wire,
};

use crate::pair::greet;
use crate::time_wait::close_in_turn;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A late segment meets a TIME-WAIT. Who survives?";
    let [three, dead] = [
        "the late data is acknowledged, and that ACK is answered by RST",
        "the RST ends the TIME-WAIT",
    ];
    // The server's second data is its answer; the first was the greeting.
    let detour = hold(nth(2).from("server").data());
    Experiment::new("assassination", question)
        .link(wire("client", "server").rule(detour))
        .script(script)
        .option("server", "arrives-late", true)
        .claim(three, late_ack_reset)
        .claim(dead, |run| {
            let before = run.states_at("both have closed", &["TIME-WAIT", "-"]);
            before.and(run.states_at("the RST has arrived", &["-", "-"]))
        })
        .what_if(
            "rfc1337",
            sysctl("client", "net.ipv4.tcp_rfc1337", 1),
            fails([dead]),
        )
        .what_if(
            "never-arrives",
            option("server", "arrives-late", false),
            fails([three, dead]),
        )
        .ends_with_script()
}

fn late_ack_reset(run: &Evidence) -> Finding {
    // The late data itself left long before: it is shown where it arrives.
    let fins = run.segments().with_flag('F');
    let closed = run.segments().after(fins.last().acknowledged());
    closed.are(&["client .", "server R"])
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    pair.server.write_all(b"answer")?; // takes the detour
    net.held("server")?;
    pair.client.read_exact(&mut [0; 6])?; // its retransmission
    close_in_turn(net, pair.client, pair.server)?;
    net.step("both have closed")?;

    if !net.knob("server:arrives-late") {
        return net.lose("server");
    }
    net.hold()?;
    net.deliver("server")?; // the one that took the detour
    net.step("the late data has arrived")?;
    net.deliver("client")?;
    net.step("the ACK has arrived")?;
    net.deliver("server")?;
    net.step("the RST has arrived")
}
// ANCHOR_END: script

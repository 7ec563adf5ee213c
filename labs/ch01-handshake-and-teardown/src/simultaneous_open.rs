//! # Two SYNs that cross
//!
//! **Question.** Both ends call `connect()`, nobody listens. Can that become
//! a connection? (RFC 9293, section 3.5, figure 7.)

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Experiment, Net, connect_later, fails, option, wire};

/// What has just happened, and the states that follow: client, server.
const STEPS: [(&str, [&str; 2]); 4] = [
    ("both call connect()", ["SYN-SENT", "SYN-SENT"]),
    ("client's SYN arrives", ["SYN-SENT", "SYN-RECV"]),
    ("server's SYN arrives", ["SYN-RECV", "SYN-RECV"]),
    ("both SYN ACKs arrive", ["ESTAB", "ESTAB"]),
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Both ends connect to each other. What becomes of it?";
    let [states, segments] = [
        "both go from SYN-SENT through SYN-RECV to ESTAB",
        "two SYNs cross, then two SYN ACKs, then two ACKs",
    ];
    Experiment::new("simultaneous-open", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("server", "connects", true)
        .claim(states, |run| {
            all(STEPS.map(|(label, states)| run.states_at(label, &states)))
        })
        .claim(segments, |run| {
            run.segments().are(&[
                "client S",
                "server S",
                "server S.",
                "client S.",
                "client .",
                "server .",
            ])
        })
        .what_if(
            "only-the-client-connects",
            option("server", "connects", false),
            fails([states, segments]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.keep(net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?);
    if !net.knob("server:connects") {
        net.deliver("client")?;
        return net.deliver("server"); // a RST: nobody is there
    }
    net.keep(net.on("server", || {
        connect_later(net.here(7000), net.at("client", 40000))
    })?);
    net.held("server")?;
    net.step(STEPS[0].0)?;
    net.deliver("client")?; // the server answers with a SYN ACK
    net.step(STEPS[1].0)?;
    net.deliver("server")?; // its SYN; the client answers with a SYN ACK
    net.step(STEPS[2].0)?;
    net.deliver("server")?; // the SYN ACKs
    net.deliver("client")?;
    net.step(STEPS[3].0)?;
    net.deliver("client")?; // and an ACK of each
    net.deliver("server")?;
    net.step("nothing is left to say")
}
// ANCHOR_END: script

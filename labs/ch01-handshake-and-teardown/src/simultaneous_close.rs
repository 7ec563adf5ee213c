//! # Two FINs that cross
//!
//! **Question.** Both ends close before either has seen the other's FIN. Who
//! gets the TIME-WAIT? (RFC 9293, section 3.6, figure 13.)

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Experiment, Net, connect_later, fails, option, route, wire};

/// What has just happened, and the states that follow: client, server.
const STEPS: [(&str, [&str; 2]); 4] = [
    ("both close", ["FIN-WAIT-1", "FIN-WAIT-1"]),
    ("client's FIN arrives", ["FIN-WAIT-1", "CLOSING"]),
    ("server's FIN arrives", ["CLOSING", "CLOSING"]),
    ("both ACKs arrive", ["TIME-WAIT", "TIME-WAIT"]),
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Both close at the same moment. Who gets the TIME-WAIT?";
    let [states, segments] =
        ["both go through CLOSING to TIME-WAIT", "two FINs, then two ACKs"];
    Experiment::new("simultaneous-close", question)
        .link(wire("client", "server").held())
        .script(script)
        .knob(route("client", "rto_min", "5000ms")) // a step may take longer
        .knob(route("server", "rto_min", "5000ms"))
        .option("server", "closes-too", true)
        .claim(states, |run| {
            all(STEPS.map(|(label, states)| run.states_at(label, &states)))
        })
        .claim(segments, |run| {
            run.segments().after(run.segments().nth(3)).are(&[
                "client F.",
                "server F.",
                "server .",
                "client .",
            ])
        })
        .what_if(
            "server-closes-later",
            option("server", "closes-too", false),
            fails([states, segments]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    for sender in ["client", "server", "client"] {
        net.deliver(sender)?; // SYN, SYN ACK, ACK
    }
    let (server, _) = listener.accept()?;
    drop(client);
    if !net.knob("server:closes-too") {
        net.deliver("client")?; // the FIN is known before close() is called
        net.deliver("server")?; // its ACK
        net.step(STEPS[0].0)?;
        drop(server);
        return net.deliver("server");
    }
    drop(server);
    net.held("client")?;
    net.held("server")?;
    net.step(STEPS[0].0)?;
    net.deliver("client")?; // FIN; the server acknowledges it
    net.step(STEPS[1].0)?;
    net.deliver("server")?; // FIN; the client acknowledges it
    net.step(STEPS[2].0)?;
    net.deliver("server")?;
    net.deliver("client")?;
    net.step(STEPS[3].0)
}
// ANCHOR_END: script

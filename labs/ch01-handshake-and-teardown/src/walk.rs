//! # Every state, one segment at a time
//!
//! **Question.** Which state is each end in after each of the seven segments
//! of a connection that opens and closes?
//!
//! The wire holds every frame until the script lets it through, so time stops
//! between segments and both kernels can be asked (RFC 9293, section 3.3.2).

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Experiment, Finding, Net, connect_later, fails, option, wire};

/// What has just happened, and the states that follow: client, server.
const WALK: [(&str, [&str; 2]); 9] = [
    ("connect() sends a SYN", ["SYN-SENT", "-"]),
    ("SYN arrives", ["SYN-SENT", "SYN-RECV"]),
    ("SYN ACK arrives", ["ESTAB", "SYN-RECV"]),
    ("ACK arrives", ["ESTAB", "ESTAB"]),
    ("client closes", ["FIN-WAIT-1", "ESTAB"]),
    ("FIN arrives", ["FIN-WAIT-1", "CLOSE-WAIT"]),
    ("ACK of FIN arrives", ["FIN-WAIT-2", "CLOSE-WAIT"]),
    ("server closes, FIN arrives", ["TIME-WAIT", "LAST-ACK"]),
    ("last ACK arrives", ["TIME-WAIT", "-"]),
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which state is each end in after each segment?";
    Experiment::new("walk", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("server", "closes", true)
        .claim("every state follows from one segment or one call", |run| {
            all(WALK.map(|(label, states)| run.states_at(label, &states)))
        })
        .claim("seven segments, in this order", |run| {
            let want = [
                "client S",
                "server S.",
                "client .",
                "client F.",
                "server .",
                "server F.",
                "client .",
            ];
            run.segments().are(&want)
        })
        .claim("the side that closed first waits 2 MSL", time_wait)
        .what_if(
            "server-never-closes",
            option("server", "closes", false),
            fails([
                "every state follows from one segment or one call",
                "seven segments, in this order",
                "the side that closed first waits 2 MSL",
            ]),
        )
        .ends_with_script()
}

fn time_wait(run: &lab_kit::Evidence) -> Finding {
    run.states_left("client").is("TIME-WAIT")
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    net.held("client")?;
    net.step("connect() sends a SYN")?;
    net.deliver("client")?;
    net.step("SYN arrives")?;
    net.deliver("server")?;
    net.step("SYN ACK arrives")?;
    net.deliver("client")?;
    net.step("ACK arrives")?;
    let (server, _) = listener.accept()?;

    drop(client);
    net.held("client")?;
    net.step("client closes")?;
    net.deliver("client")?;
    net.step("FIN arrives")?;
    net.deliver("server")?; // the kernel's own ACK, after up to 40 ms
    net.step("ACK of FIN arrives")?;
    if !net.knob("server:closes") {
        return Ok(());
    }
    drop(server);
    net.deliver("server")?;
    net.step("server closes, FIN arrives")?;
    net.deliver("client")?;
    net.step("last ACK arrives")
}
// ANCHOR_END: script

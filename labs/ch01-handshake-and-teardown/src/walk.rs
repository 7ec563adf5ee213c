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
use lab_kit::{
    Evidence, Experiment, Finding, Net, connect_later, fails, option, wire,
};

/// What has just happened, and the states that follow: client, server.
type Walk = [(&'static str, [&'static str; 2])];

const OPENING: &Walk = &[
    ("connect() sends a SYN", ["SYN-SENT", "-"]),
    ("SYN arrives", ["SYN-SENT", "SYN-RECV"]),
    ("SYN ACK arrives", ["ESTAB", "SYN-RECV"]),
    ("ACK arrives", ["ESTAB", "ESTAB"]),
];
const CLIENT_CLOSES: &Walk = &[
    ("client closes", ["FIN-WAIT-1", "ESTAB"]),
    ("FIN arrives", ["FIN-WAIT-1", "CLOSE-WAIT"]),
    ("ACK of FIN arrives", ["FIN-WAIT-2", "CLOSE-WAIT"]),
];
const SERVER_CLOSES: &Walk = &[
    ("server closes", ["FIN-WAIT-2", "LAST-ACK"]),
    ("its FIN arrives", ["TIME-WAIT", "LAST-ACK"]),
    ("last ACK arrives", ["TIME-WAIT", "-"]),
];

const LAST: &str = "closing the other leaves one TIME-WAIT";
const ORDER: &str = "seven segments, in this order";

#[rustfmt::skip] // the handshake, then the two closes
const SEGMENTS: [&str; 7] = [
    "client S", "server S.", "client .",
    "client F.", "server .", "server F.", "client .",
];

fn walks(run: &Evidence, walk: &Walk) -> Finding {
    all(walk.iter().map(|(label, states)| run.states_at(label, states)))
}

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which state is each end in after each segment?";
    Experiment::new("walk", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("server", "closes", true)
        .claim("opening takes both through three states", |run| {
            walks(run, OPENING)
        })
        .claim("closing one side leaves the other open", |run| {
            walks(run, CLIENT_CLOSES)
        })
        .claim(LAST, |run| walks(run, SERVER_CLOSES))
        .claim(ORDER, |run| run.segments().are(&SEGMENTS))
        .what_if(
            "server-never-closes",
            option("server", "closes", false),
            fails([LAST, ORDER]),
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
        net.keep(server);
        return Ok(());
    }
    drop(server);
    net.held("server")?;
    net.step("server closes")?;
    net.deliver("server")?;
    net.step("its FIN arrives")?;
    net.deliver("client")?;
    net.step("last ACK arrives")
}
// ANCHOR_END: script

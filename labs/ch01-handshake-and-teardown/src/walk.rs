//! # Every state, one segment at a time
//!
//! **Question.** Which state is each end in after each of the seven segments
//! of a connection that opens and closes?
//!
//! The wire holds every frame until the script lets it through, so time stops
//! between segments and both kernels can be asked (RFC 9293, section 3.3.2).

use std::net::{Shutdown, TcpListener};

use anyhow::Result;
use lab_kit::{Experiment, Net, connect_later, fails, option, route, wire};

use crate::walk_states::{
    CLIENT_CLOSES, LAST, OPENING, ORDER, SEGMENTS, SERVER_CLOSES, card, walks,
};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which state is each end in after each segment?";
    let [opening, first_close] = [
        "opening takes both through three states",
        "closing one side leaves the other open",
    ];
    Experiment::new("walk", question)
        .link(wire("client", "server").held())
        .script(script)
        .knob(route("client", "rto_min", "5000ms")) // a step may take longer
        .knob(route("server", "rto_min", "5000ms"))
        .option("server", "closes", true)
        .option("server", "listens", true)
        .option("server", "closes-too", false)
        .claim(opening, |run| walks(run, OPENING))
        .claim(first_close, |run| walks(run, CLIENT_CLOSES))
        .claim(LAST, |run| walks(run, SERVER_CLOSES))
        .claim(ORDER, |run| run.segments().are(&SEGMENTS))
        .what_if(
            "server-never-closes",
            option("server", "closes", false),
            fails([LAST, ORDER]),
        )
        .what_if(
            "both-close-at-once",
            option("server", "closes-too", true),
            fails([first_close, LAST, ORDER]),
        )
        .what_if(
            "nobody-listens",
            option("server", "listens", false),
            fails([opening, first_close, LAST, ORDER]),
        )
        .figure("Every state, and who is in it when", card)
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let bind = || net.on("server", || TcpListener::bind(net.here(7000)));
    let listens = net.knob("server:listens");
    let listener = listens.then(bind).transpose()?;
    let client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    net.held("client")?;
    net.step("connect() sends a SYN")?;
    net.deliver("client")?;
    net.step("SYN arrives")?;
    net.deliver("server")?;
    net.step("SYN ACK arrives")?;
    let Some(listener) = listener else {
        return Ok(()); // it was a RST
    };
    net.deliver("client")?;
    net.step("ACK arrives")?;
    let (server, _) = listener.accept()?;

    drop(client);
    net.held("client")?;
    if net.knob("server:closes-too") {
        server.shutdown(Shutdown::Both)?; // before it has seen the FIN
    }
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

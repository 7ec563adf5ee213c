//! # Connection refused
//!
//! **Question.** The host is up, nobody listens on the port. Who says no?

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody listens. Who says no, and with which segment?";
    let all = [
        "the answer to the SYN is a RST that acknowledges it",
        "connect() says ECONNREFUSED",
        "the server counts a reset, the client a failed attempt",
    ];
    Experiment::new("refused", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "listens", false)
        .claim(all[0], |run| {
            let two = run.segments().are(&["client S", "server R."]);
            two.and(run.segments().nth(2).acks(1))
        })
        .claim(all[1], |run| {
            run.observed("client", "connect").is("ECONNREFUSED")
        })
        .claim(all[2], |run| {
            let failed = run.counter("client", "TcpAttemptFails").is(1);
            run.counter("server", "TcpOutRsts").is(1).and(failed)
        })
        .shows_counter("server", "TcpOutRsts")
        .shows_counter("client", "TcpAttemptFails")
        .what_if(
            "somebody-listens",
            option("server", "listens", true),
            fails(all),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    if net.knob("server:listens") {
        net.keep(net.on("server", || TcpListener::bind(net.here(7000)))?);
    }
    net.on("client", || {
        let connection = TcpStream::connect(net.at("server", 7000));
        let kept = connection.map(|socket| net.keep(socket));
        net.observe("connect", outcome(kept))
    })?;
    net.until("nobody is still opening", || {
        let server = net.sockets("server")?;
        Ok(server.iter().all(|s| s.state != "SYN-RECV"))
    })
}
// ANCHOR_END: script

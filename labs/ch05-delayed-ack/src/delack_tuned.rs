//! # What sets the 40 ms
//!
//! **Question.** Two servers owe the same client an ACK. The route of one
//! says `rto_min 20ms`, and it was told after the other. Which one
//! acknowledges first?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Experiment, Net, cable, fails, route, send_queue};
use socket2::SockRef;

use crate::echo::{DELAYED, count};

const FIRST: &str = "told later, it acknowledges first";
const PLAIN: &str = "the other takes its 40 ms";
const TIMER: &str = "both ACKs come from the timer";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which knob makes a delayed ACK less late?";
    Experiment::new("delack-tuned", question)
        .link(cable("client", "plain"))
        .link(cable("client", "tuned"))
        .since((6, 7), "delayed ACKs that follow rto_min")
        .script(script)
        .knob(route("tuned", "rto_min", "20ms"))
        .claim(FIRST, |run| {
            let told_later =
                run.data("to tuned").leaves_after(run.data("to plain"));
            told_later.and(
                run.ack_of("to tuned").leaves_before(run.ack_of("to plain")),
            )
        })
        .claim(PLAIN, |run| {
            let sent = run.data("to plain");
            run.ack_of("to plain").after(sent).at_least(DELAYED_ACK)
        })
        .claim(TIMER, |run| {
            let delayed = |host| run.observed(host, DELAYED);
            delayed("plain").is("1").and(delayed("tuned").is("1"))
        })
        .what_if(
            "the-other-way-round",
            [
                route("tuned", "rto_min", "200ms"),
                route("plain", "rto_min", "20ms"),
            ],
            fails([FIRST, PLAIN]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let plain = connect(net, "plain")?;
    let tuned = connect(net, "tuned")?;
    (&plain.0).write_all(b"to plain")?;
    (&tuned.0).write_all(b"to tuned")?;
    for (client, server) in [&plain, &tuned] {
        let mut server = server;
        server.read_exact(&mut [0; 8])?;
        net.until("it is acknowledged", || Ok(send_queue(client)? == 0))?;
    }
    count(net, "plain")?;
    count(net, "tuned")?;
    for (host, (client, server)) in [("plain", plain), ("tuned", tuned)] {
        drop(client);
        net.until_state(host, "CLOSE-WAIT")?;
        drop(server);
    }
    Ok(())
}

/// A connection whose server believes in a conversation.
fn connect(net: &Net, host: &str) -> Result<(TcpStream, TcpStream)> {
    let listener = net.on(host, || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at(host, 7000));
    let client = net.on("client", || TcpStream::connect(there))?;
    let (server, _) = listener.accept()?;
    SockRef::from(&server).set_tcp_quickack(false)?;
    Ok((client, server))
}
// ANCHOR_END: script

//! # The first ACK waits
//!
//! **Question.** The client sends five bytes; the server reads them and says
//! nothing. When does the ACK come back? Is the ACK of the next five bytes
//! just as slow?
//!
//! A receiver may hold an ACK back, hoping to send it for nothing under data
//! that goes the other way (RFC 9293, section 3.8.6.3: for less than 500 ms).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::{AT_ONCE, DELAYED_ACK};
use lab_kit::{Experiment, Net, cable, fails, option, route};
use socket2::SockRef;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody answers. When does the ACK come, and the next one?";
    Experiment::new("first-ack", question)
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .option("server", "interactive", true)
        .claim("the first ACK waits", |run| {
            run.ack_of("ping!").after(run.data("ping!")).at_least(DELAYED_ACK)
        })
        .claim("the second does not", |run| {
            run.ack_of("pong!").after(run.data("pong!")).at_most(AT_ONCE)
        })
        .claim("the kernel counts one delayed ACK", |run| {
            run.counter("server", "TcpExtDelayedACKs").is(1)
        })
        .shows_counter("server", "TcpExtDelayedACKs")
        .what_if(
            "not-interactive",
            option("server", "interactive", false),
            fails(["the first ACK waits", "the kernel counts one delayed ACK"]),
        )
        .what_if(
            "quickack-route",
            route("server", "quickack", 1),
            fails(["the first ACK waits", "the kernel counts one delayed ACK"]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: server
fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (mut client, _) = listener.accept()?;
    if net.knob("interactive") {
        // A new connection acknowledges its first segments at once. This says
        // "I will have data for you", which an answer would have said too.
        SockRef::from(&client).set_tcp_quickack(false)?;
    }
    net.mark("ready")?;
    let mut word = [0; 5];
    while client.read_exact(&mut word).is_ok() {
        net.mark(&format!("read {}", String::from_utf8_lossy(&word)))?;
    }
    Ok(())
}
// ANCHOR_END: server

// ANCHOR: client
fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let mut server = TcpStream::connect(net.at("server", 7000))?;
    net.wait_for("ready")?; // without this the first bytes win the race
    for word in ["ping!", "pong!"] {
        server.write_all(word.as_bytes())?;
        net.wait_for(&format!("read {word}"))?;
        net.until("everything is acknowledged", || unacknowledged(&server))?;
    }
    Ok(())
}
// ANCHOR_END: client

/// Bytes sent and not yet acknowledged: SIOCOUTQ, what `ss` calls Send-Q.
fn unacknowledged(server: &TcpStream) -> Result<bool> {
    Ok(lab_kit::send_queue(server)? == 0)
}

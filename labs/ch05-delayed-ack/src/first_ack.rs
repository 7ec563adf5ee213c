//! # The first ACK waits
//!
//! **Question.** The server reads five bytes and says nothing. When does the
//! ACK come back? Is the ACK of the next five bytes just as slow?
//!
//! A receiver may hold an ACK back, hoping to send it for nothing under data
//! that goes the other way (RFC 9293, section 3.8.6.3: for less than 500 ms).

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::{AT_ONCE, DELAYED_ACK};
use lab_kit::{Experiment, Net, cable, fails, option, route, send_queue};
use socket2::SockRef;

use crate::echo::DELAYED;

const WORDS: [&str; 2] = ["ping!", "pong!"];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody answers. When does the ACK come, and the next one?";
    let waits = || {
        fails([
            "the first ACK waits",
            "the kernel counts one delayed ACK",
            "its timer ended the conversation",
        ])
    };
    Experiment::new("first-ack", question)
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .option("server", "interactive", true)
        .option("server", "interactive-again", false)
        .claim("the first ACK waits", |run| {
            run.ack_of("ping!").after(run.data("ping!")).at_least(DELAYED_ACK)
        })
        .claim("the second does not", |run| {
            run.ack_of("pong!").after(run.data("pong!")).at_most(AT_ONCE)
        })
        .claim("the kernel counts one delayed ACK", |run| {
            run.observed_nth("server", DELAYED, 3).is("1")
        })
        .claim("its timer ended the conversation", |run| {
            let quick = |n| run.observed_nth("server", "TCP_QUICKACK", n);
            quick(1).is("0").and(quick(2).is("1"))
        })
        .what_if(
            "not-interactive",
            option("server", "interactive", false),
            waits(),
        )
        .what_if(
            "interactive-again",
            option("server", "interactive-again", true),
            fails(["the second does not", "the kernel counts one delayed ACK"]),
        )
        .what_if("quickack-route", route("server", "quickack", 1), waits())
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
    ask(net, &client)?;
    net.mark("ready")?;
    for word in WORDS {
        client.read_exact(&mut [0; 5])?;
        net.wait_for(&format!("{word} is acknowledged"))?;
        ask(net, &client)?;
        if net.knob("interactive-again") {
            SockRef::from(&client).set_tcp_quickack(false)?;
        }
        net.mark(&format!("asked after {word}"))?;
    }
    client.read_exact(&mut [0; 1]).ok(); // until the client closes
    Ok(())
}

/// 1: the next ACK goes at once. 0: it waits for an answer to ride on.
fn ask(net: &Net, client: &TcpStream) -> Result<()> {
    let quick = SockRef::from(client).tcp_quickack()?;
    net.observe("TCP_QUICKACK", i32::from(quick))?;
    net.observe(DELAYED, net.counter("server", DELAYED)?)
}
// ANCHOR_END: server

// ANCHOR: client
fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let mut server = TcpStream::connect(net.at("server", 7000))?;
    net.wait_for("ready")?; // without this the first bytes win the race
    for word in WORDS {
        server.write_all(word.as_bytes())?;
        net.until("it is acknowledged", || Ok(send_queue(&server)? == 0))?;
        net.mark(&format!("{word} is acknowledged"))?;
        net.wait_for(&format!("asked after {word}"))?;
    }
    Ok(())
}
// ANCHOR_END: client

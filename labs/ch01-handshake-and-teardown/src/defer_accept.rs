//! # A listener that waits for data
//!
//! **Question.** The listener has `TCP_DEFER_ACCEPT`. The client's `connect()`
//! has returned, but the client has written nothing. Who has a connection?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context, Result};
use lab_kit::{
    Experiment, Net, cable, fails, libc, option, outcome, send_queue, set_tcp,
};

const DROPS: &str = "TcpExtTCPDeferAcceptDrop";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The listener waits for data. Who has a connection?";
    let [half, nobody, dropped, ready, packets] = [
        "the client is established, the server in SYN-RECV",
        "accept() finds nobody, Recv-Q of the listener is 0",
        "the server drops the client's ACK, and counts it",
        "with the data there is a connection, and read() need not wait",
        "the packets show none of it",
    ];
    Experiment::new("defer-accept", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "defer", 10) // seconds
        .option("client", "dawdles", false)
        .claim(half, |run| {
            run.states_at("connect() has returned", &["ESTAB", "SYN-RECV"])
        })
        .claim(nobody, |run| {
            let accept = run.observed("server", "accept before the data");
            let queue = run.observed("server", "Recv-Q before the data");
            accept.is("EAGAIN").and(queue.is("0"))
        })
        .claim(dropped, |run| run.counter("server", DROPS).is(1))
        .claim(ready, |run| {
            run.states_at("write() is acknowledged", &["ESTAB", "ESTAB"])
                .and(run.observed("server", "first read").is("ok"))
        })
        .claim(packets, |run| {
            let usual = ["client S", "server S.", "client .", "client P.(5)"];
            run.segments().before(run.ack_of("hello")).are(&usual)
        })
        .shows_counter("server", DROPS)
        .what_if(
            "not-deferred",
            option("server", "defer", 0),
            fails([half, nobody, dropped, ready]),
        )
        .what_if(
            "past-the-limit",
            [option("server", "defer", 1), option("client", "dawdles", true)],
            fails([half, nobody, ready, packets]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    listener.set_nonblocking(true)?; // accept() says EAGAIN if nobody is there
    let seconds = i32::try_from(net.number("server:defer")?)?;
    set_tcp(&listener, libc::TCP_DEFER_ACCEPT, seconds)?;
    let mut client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    net.until("the server has seen the ACK", || {
        let states = net.sockets("server")?;
        Ok(net.counter("server", DROPS)? > 0
            || states.iter().any(|s| s.state == "ESTAB"))
    })?;
    if net.knob("client:dawdles") {
        net.until_state("server", "ESTAB")?;
    }
    net.step("connect() has returned")?;
    net.on("server", || accept_and_read(net, &listener, "before the data"))?;

    client.write_all(b"hello")?;
    net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
    net.step("write() is acknowledged")?;
    net.on("server", || accept_and_read(net, &listener, "with the data"))?;
    net.keep(client);
    net.keep(listener);
    Ok(())
}

/// Neither call waits: what isn't there yet is EAGAIN.
fn accept_and_read(net: &Net, from: &TcpListener, when: &str) -> Result<()> {
    let sockets = net.sockets("server")?;
    let listener = sockets.iter().find(|s| s.state == "LISTEN");
    let queue = listener.context("the listener is gone")?.recv_q;
    net.observe(&format!("Recv-Q {when}"), queue)?;
    let mut accepted = None;
    let accept = from.accept().map(|(socket, _)| accepted = Some(socket));
    net.observe(&format!("accept {when}"), outcome(accept))?;
    if let Some(mut socket) = accepted {
        socket.set_nonblocking(true)?;
        net.observe("first read", outcome(socket.read_exact(&mut [0; 5])))?;
        net.keep(socket);
    }
    Ok(())
}
// ANCHOR_END: script

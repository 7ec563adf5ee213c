//! # The port that a program asks for
//!
//! **Question.** `tcp_tw_reuse` is 0, the TIME-WAIT is a moment old, and the
//! client wants this very port: it has called `bind()`, with SO_REUSEADDR,
//! both times. Does it get the connection?

use std::net::{SocketAddr, TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, sysctl};
use socket2::{Domain, Socket, Type};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "tcp_tw_reuse is 0. Can bind() and connect() reuse a port?";
    let [connects, recycled] = [
        "with bind() and SO_REUSEADDR the same connection is made at once",
        "it takes the place of the TIME-WAIT",
    ];
    Experiment::new("tw-bound", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_tw_reuse", 0))
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40000"))
        .option("client", "bound-before", true)
        .option("client", "binds", true)
        .claim(connects, |run| run.observed("client", "connect").is("ok"))
        .claim(recycled, |run| run.states_left("client").is("ESTAB"))
        .what_if(
            "without-timestamps",
            sysctl("client", "net.ipv4.tcp_timestamps", 0),
            fails([connects, recycled]),
        )
        .what_if(
            "not-bound-before",
            option("client", "bound-before", false),
            fails([connects, recycled]),
        )
        .what_if(
            "without-bind",
            option("client", "binds", false),
            fails([connects, recycled]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let first = net.on("client", || match net.knob("bound-before") {
        true => bind_and_connect(net, there), // both with SO_REUSEADDR
        false => TcpStream::connect(there),
    })?;
    let (server, _) = listener.accept()?;
    drop(first);
    net.until_state("client", "FIN-WAIT-2")?; // the ACK, by itself
    drop(server);
    net.until("the last ACK has arrived", || {
        let server = net.sockets("server")?;
        Ok(server.iter().all(|s| s.state == "LISTEN"))
    })?;
    net.step("both have closed")?;

    net.on("client", || {
        let again = match net.knob("client:binds") {
            true => bind_and_connect(net, there),
            false => TcpStream::connect(there),
        };
        net.observe("connect", outcome(again.map(|socket| net.keep(socket))))
    })?;
    net.keep(listener);
    net.step("the client has asked again")
}

fn bind_and_connect(
    net: &Net,
    there: SocketAddr,
) -> std::io::Result<TcpStream> {
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
    socket.set_reuse_address(true)?;
    socket.bind(&net.here(40000).into())?;
    socket.connect(&there.into())?;
    Ok(socket.into())
}
// ANCHOR_END: script

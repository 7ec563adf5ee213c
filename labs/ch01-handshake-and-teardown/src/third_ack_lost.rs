//! # The third segment is lost
//!
//! **Question.** The client is established, its ACK never arrives. The client
//! sends its request. Does the server get it?

use std::io::{Read, Write};
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, connect_later, fails, option, wire};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The handshake's last ACK is lost. What opens the server?";
    let [half, opens, read] = [
        "the client is established, the server is not",
        "the first data opens the server",
        "and is delivered",
    ];
    Experiment::new("third-ack-lost", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("client", "ack-arrives", false)
        .option("client", "request-arrives", true)
        .claim(half, |run| {
            run.states_at("the ACK is lost", &["ESTAB", "SYN-RECV"])
        })
        .claim(opens, |run| {
            run.states_at("the request arrives", &["ESTAB", "ESTAB"])
        })
        .claim(read, |run| run.observed("server", "read").is("hello"))
        .what_if(
            "ack-arrives",
            option("client", "ack-arrives", true),
            fails([half]),
        )
        .what_if(
            "the-request-is-lost-too",
            option("client", "request-arrives", false),
            fails([opens, read]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let mut client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    net.deliver("client")?; // SYN
    net.deliver("server")?; // SYN ACK
    if net.knob("client:ack-arrives") {
        net.deliver("client")?;
    } else {
        net.lose("client")?;
    }
    net.step("the ACK is lost")?;

    client.write_all(b"hello")?;
    if !net.knob("client:request-arrives") {
        net.keep(client);
        net.lose("client")?;
        return net.step("the request arrives"); // it doesn't
    }
    net.deliver("client")?;
    net.step("the request arrives")?;
    let (mut server, _) = listener.accept()?;
    let mut request = [0; 5];
    server.read_exact(&mut request)?;
    let request = String::from_utf8_lossy(&request);
    net.on("server", || net.observe("read", request))?;
    net.deliver("server")?; // its ACK
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

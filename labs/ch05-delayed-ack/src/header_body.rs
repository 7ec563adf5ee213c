//! # Header, body, answer
//!
//! **Question.** A client writes a header, then a body. The server answers
//! when it has both. On a new connection that is quick. On a connection that
//! was kept alive it takes 40 ms. What has changed?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Experiment, Net, cable, fails, option, route, send_queue};

use crate::echo::close;

const LATE: &str = "the ACK of the header is late";
const WAITS: &str = "the body waits for it";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let both = || fails([LATE, WAITS]);
    let question = "Why is a kept connection slower than a new one?";
    Experiment::new("header-body", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "kept-alive", true)
        .option("client", "nodelay", false)
        .option("client", "one-write", false)
        .claim(LATE, |run| {
            let header = run.data("header");
            run.ack_of("header").after(header).at_least(DELAYED_ACK)
        })
        .claim(WAITS, |run| run.data("body").leaves_after(run.ack_of("header")))
        .what_if(
            "new-connection",
            option("client", "kept-alive", false),
            late(),
        )
        .what_if("quickack-route", route("server", "quickack", 1), late())
        .what_if("nodelay", option("client", "nodelay", true), both())
        .what_if("one-write", option("client", "one-write", true), both())
}
// ANCHOR_END: experiment

fn late() -> Vec<String> {
    fails([LATE])
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(net.knob("client:nodelay"))?;
    if net.knob("client:kept-alive") {
        client.write_all(b"an earlier request")?;
        server.read_exact(&mut [0; 18])?;
        server.write_all(b"its answer")?;
        client.read_exact(&mut [0; 10])?;
        let settled = || Ok(send_queue(&server)? + send_queue(&client)? == 0);
        net.until("both are acknowledged", settled)?;
    }
    if net.knob("client:one-write") {
        client.write_all(b"header, body")?;
    } else {
        client.write_all(b"header, ")?;
        client.write_all(b"body")?;
    }
    server.read_exact(&mut [0; 12])?;
    server.write_all(b"answer")?;
    client.read_exact(&mut [0; 6])?;
    close(net, client, server)
}
// ANCHOR_END: script

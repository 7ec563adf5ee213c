//! # Two writers, no reader
//!
//! **Question.** Client and server each write a big message, then read the
//! other's. Both write() calls block. For how long?

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, outcome,
    receive_queue, route, send_queue, sysctl,
};
use socket2::SockRef;

use crate::dials::socket_at;
use crate::pair::{Pair, connect_small, fill, leave_open, settle};

const BLOCKED: &str = "neither of the two can write another byte";
const FULL: &str =
    "all four queues hold bytes, no window has room for a segment";
const READ: &str = "the client reads: now the server can write";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Both ends write first and read later. And then?";
    let knob = |host| sysctl(host, "net.ipv4.tcp_early_retrans", 0);
    Experiment::new("both-write", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(knob("client"))
        .knob(knob("server"))
        .knob(route("client", "rto_min", "5000ms"))
        .knob(route("server", "rto_min", "5000ms"))
        .option("client", "reads", true)
        .option("client", "reads-first", false)
        .claim(BLOCKED, |run| {
            let write = |host| run.observed(host, "write").is("EAGAIN");
            write("client").and(write("server"))
        })
        .claim(FULL, |run| {
            let full = |host| {
                let socket = socket_at(run, "both have written", host)?;
                let room = socket.window? >= 1448;
                Some(socket.recv_q > 0 && socket.send_q > 0 && !room)
            };
            let both = [full("client"), full("server")] == [Some(true); 2];
            Finding::new(
                both,
                "full queues",
                if both { "so" } else { "not so" },
            )
        })
        .claim(READ, |run| run.observed_nth("server", "write", 2).is("ok"))
        .figure("The panel", Evidence::panel)
        .what_if(
            "reads-first",
            option("client", "reads-first", true),
            fails([BLOCKED, FULL]),
        )
        .what_if("nobody", option("client", "reads", false), fails([READ]))
        .packets_vary("how often a bulk transfer is acknowledged")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect_small(net)?;
    let both = [&pair.client, &pair.server];
    for socket in both {
        SockRef::from(socket).set_send_buffer_size(8000)?;
    }
    // ACKs make room, until both windows are closed.
    while fill(both[0])? + fill(both[1])? > 0 {
        settle(net, both[0])?;
        settle(net, both[1])?;
    }
    if net.knob("client:reads-first") {
        drain(net, &pair)?;
    }
    net.step("both have written")?;
    write(net, "client", &pair.client)?;
    write(net, "server", &pair.server)?;
    if net.knob("client:reads") {
        drain(net, &pair)?;
    }
    write(net, "server", &pair.server)?;
    leave_open(net, pair);
    Ok(())
}

fn write(net: &Net, host: &str, mut socket: &TcpStream) -> Result<()> {
    socket.set_nonblocking(true)?;
    let wrote = outcome(socket.write(b"x"));
    net.on(host, || net.observe("write", wrote))
}

/// The client reads until the server's Send-Q is empty.
fn drain(net: &Net, pair: &Pair) -> Result<()> {
    let mut client = &pair.client;
    net.until("the server's bytes are read", || {
        let arrived = usize::try_from(receive_queue(client)?)?;
        client.read_exact(&mut vec![0; arrived])?;
        Ok(arrived == 0 && send_queue(&pair.server)? == 0)
    })
}
// ANCHOR_END: script

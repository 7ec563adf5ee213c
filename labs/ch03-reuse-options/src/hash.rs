//! # Who gets the connection
//!
//! **Question.** Four listeners share a port. Does each get every fourth
//! connection?

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use lab_kit::{Experiment, Net, cable, fails, option, secs};
use socket2::{Socket, Type};

use crate::flags::{bound, listen};
use crate::steer::by_port;

const SAME: &str = "ten connections from one port reach the same listener";
const TURN: &str = "32 connections from 32 ports don't go round in turn";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four listeners, one port. Which one gets a connection?";
    Experiment::new("hash-tcp", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "one-port", true)
        .option("server", "steers-by-port", false)
        .claim(SAME, |run| {
            run.observed("server", "listeners reached by ten").is("1")
        })
        .claim(TURN, |run| run.observed("server", "in turn").is("false"))
        .what_if(
            "ten-ports",
            option("client", "one-port", false),
            fails([SAME]),
        )
        .what_if(
            "steered",
            option("server", "steers-by-port", true),
            fails([TURN]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for port in [7000, 7001] {
        for n in 0..4 {
            let one = net.on("server", || listen("port", net.here(port)))?;
            if n == 0 && net.knob("server:steers-by-port") {
                by_port(&one, 4)?; // for the whole group
            }
            net.keep(one);
        }
    }
    let mut ten = Vec::new();
    for n in 0..10 {
        let port = if net.knob("client:one-port") { 5000 } else { 5000 + n };
        let (reached, client) = connect(net, port, 7000)?;
        // A reset leaves no TIME-WAIT: the same pair of ports is free again.
        client.set_linger(Some(secs(0)))?;
        ten.push(reached);
    }
    ten.sort_unstable();
    ten.dedup();
    let mut many = Vec::new();
    for port in 6000..6032 {
        let (reached, client) = connect(net, port, 7001)?;
        net.keep(client);
        many.push(reached);
    }
    let in_turn = many.windows(5).all(|five| five[0] == five[4])
        && many[..4]
            .iter()
            .all(|one| many[..4].iter().filter(|o| *o == one).count() == 1);
    net.on("server", || {
        net.observe("listeners reached by ten", ten.len())?;
        net.observe("in turn", in_turn)
    })
}

/// Connects from this port; tells by whose queue grew which listener it is.
fn connect(net: &Net, from: u16, to: u16) -> Result<(u32, Socket)> {
    let before = queues(net)?;
    let client = net.on("client", || -> Result<_> {
        let client = bound(Type::STREAM, "none", net.here(from))?;
        client.connect(&net.at("server", to).into())?;
        Ok(client)
    })?;
    let mut grown = None;
    net.until("it is in a queue", || {
        let now = queues(net)?;
        grown = now.into_iter().find(|(id, n)| before.get(id) != Some(n));
        Ok(grown.is_some())
    })?;
    Ok((grown.context("a listener")?.0, client))
}

/// Every listener, and how many connections wait in its queue.
fn queues(net: &Net) -> Result<BTreeMap<u32, u32>> {
    let sockets = net.sockets("server")?.into_iter();
    let listeners = sockets.filter(|s| s.state == "LISTEN");
    Ok(listeners.map(|s| (s.inode, s.recv_q)).collect())
}
// ANCHOR_END: script

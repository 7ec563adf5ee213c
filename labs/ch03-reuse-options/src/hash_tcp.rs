//! # Who gets the connection
//!
//! **Question.** Four listeners share a port. Does each get every fourth
//! connection?

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option};
use socket2::SockRef;

use crate::group::Group;
use crate::shares::{in_turn, observe, shares};
use crate::steer::by_port;

const SAME: &str = "ten connections from one port reach one listener";
const TURN: &str = "32 connections from 32 ports don't go round in turn";
const SOME: &str = "but more than one listener gets some of the 32";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four listeners, one port. Which one gets a connection?";
    Experiment::new("hash-tcp", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "one-port", true)
        .option("server", "steers-by-port", false)
        .option("server", "listeners", 4)
        .claim(SAME, |run| run.observed("server", "reached by ten").is("1"))
        .claim(TURN, |run| run.observed("server", "in turn").is("false"))
        .claim(SOME, |run| run.observed("server", "one got all").is("false"))
        .figure("32 connections from 32 ports, in one run", shares)
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
        .what_if(
            "one-listener",
            option("server", "listeners", 1),
            fails([SOME]),
        )
        .folklore(
            Truth::False,
            "SO_REUSEPORT hands out connections round robin",
            TURN,
        )
        .folklore(
            Truth::True,
            "SO_REUSEPORT chooses the listener by a hash of addresses and \
             ports",
            SAME,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let members = net.number("server:listeners")? as usize;
    let group = Group::of(net, 7000, members)?;
    if net.knob("server:steers-by-port") {
        by_port(&group.listeners[0], 4)?; // for the whole group
    }
    let mut ten = Vec::new();
    for n in 0..10 {
        let port = if net.knob("client:one-port") { 5000 } else { 5000 + n };
        let client = group.call(net, port)?;
        let (reached, server) = group.accept(net)?;
        // A reset leaves no TIME-WAIT: the same pair of ports is free again.
        SockRef::from(&client).set_linger(Some(lab_kit::secs(0)))?;
        drop(client);
        drop(server);
        ten.push(reached);
    }
    ten.sort_unstable();
    ten.dedup();
    let mut many = Vec::new();
    for port in 6000..6032 {
        net.keep(group.call(net, port)?);
        let (reached, server) = group.accept(net)?;
        net.keep(server);
        many.push(reached);
    }
    net.on("server", || {
        net.observe("reached by ten", ten.len())?;
        net.observe("in turn", in_turn(&many, members))?;
        observe(net, &many, members)
    })
}
// ANCHOR_END: script

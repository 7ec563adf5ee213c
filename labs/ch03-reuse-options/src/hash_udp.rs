//! # Who gets the datagram
//!
//! **Question.** The same with UDP: there are no connections, so must the
//! kernel not take turns?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option};

use crate::shares::{in_turn, observe, shares};
use crate::steer::by_port;
use crate::udp::{member, reached};

const SAME: &str = "ten datagrams from one port reach one socket";
const TURN: &str = "32 datagrams from 32 ports don't go round in turn";
const SOME: &str = "but more than one socket gets some of the 32";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four UDP sockets, one port. Which one gets a datagram?";
    Experiment::new("hash-udp", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "one-port", true)
        .option("server", "steers-by-port", false)
        .option("server", "sockets", 4)
        .claim(SAME, |run| run.observed("server", "reached by ten").is("1"))
        .claim(TURN, |run| run.observed("server", "in turn").is("false"))
        .claim(SOME, |run| run.observed("server", "one got all").is("false"))
        .figure("32 datagrams from 32 ports, in one run", shares)
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
        .what_if("one-socket", option("server", "sockets", 1), fails([SOME]))
        .folklore(
            Truth::False,
            "UDP datagrams are distributed round robin",
            TURN,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let there = net.on("server", || net.here(7000));
    let members = net.number("server:sockets")? as usize;
    let join = || member("port", there);
    let all = (0..members).map(|_| net.on("server", join));
    let sockets = all.collect::<Result<Vec<_>>>()?;
    if net.knob("server:steers-by-port") {
        by_port(&sockets[0], 4)?; // for the whole group
    }
    let send = |port: u16| -> Result<usize> {
        let client = net.on("client", || UdpSocket::bind(net.here(port)))?;
        client.send_to(b"hello", there)?;
        reached(net, &sockets)
    };
    let one = net.knob("client:one-port");
    let ten = (0..10).map(|n| send(if one { 5000 } else { 5000 + n }));
    let mut ten = ten.collect::<Result<Vec<_>>>()?;
    ten.sort_unstable();
    ten.dedup();
    let many = (6000..6032).map(send).collect::<Result<Vec<_>>>()?;
    net.on("server", || {
        net.observe("reached by ten", ten.len())?;
        net.observe("in turn", in_turn(&many, members))?;
        observe(net, &many, members)
    })
}
// ANCHOR_END: script

//! # Who was here last
//!
//! **Question.** Two UDP sockets have one address and port. Which of them
//! gets the datagrams?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option};

use crate::udp::{member, reached};

const LAST: &str = "all ten datagrams reach the socket that was bound last";
const FIRST: &str = "the first socket gets none, and no error either";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two UDP sockets, one port: who gets the datagrams?";
    Experiment::new("last-binder", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "second-leaves", false)
        .claim(LAST, |run| run.observed("server", "second got").is("10"))
        .claim(FIRST, |run| {
            let error = run.observed("server", "first has an error");
            run.observed("server", "first got").is("0").and(error.is("false"))
        })
        .what_if(
            "second-leaves",
            option("server", "second-leaves", true),
            fails([LAST, FIRST]),
        )
        .folklore(
            Truth::False,
            "Two UDP sockets with SO_REUSEADDR share the datagrams",
            FIRST,
        )
        .folklore_note("the one that was bound last has them all")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let there = net.on("server", || net.here(7000));
    let mut sockets = net.on("server", || -> Result<_> {
        Ok(vec![member("addr", there)?, member("addr", there)?])
    })?;
    if net.knob("server:second-leaves") {
        sockets.pop();
    }
    let client = net.on("client", || UdpSocket::bind(net.here(5000)))?;
    let mut got = [0; 2];
    for _ in 0..10 {
        client.send_to(b"hello", there)?;
        got[reached(net, &sockets)?] += 1;
    }
    net.on("server", || {
        net.observe("first got", got[0])?;
        net.observe("second got", got[1])?;
        let error = sockets[0].take_error()?.is_some();
        net.observe("first has an error", error)
    })
}
// ANCHOR_END: script

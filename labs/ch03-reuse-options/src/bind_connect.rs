//! # One port, many destinations
//!
//! **Question.** A client has one local port. How many connections can it
//! have at the same time?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};
use socket2::Type;

use crate::flags::bound;

const THREE: &str = "three connections to three ports, all from port 5000";
const SAME: &str = "a fourth to one of the three: connect() is EADDRNOTAVAIL";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One local port: how many connections at the same time?";
    Experiment::new("bind-connect", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "flags", "addr")
        .option("client", "fourth-goes-to", 7002)
        .claim(THREE, |run| {
            let to = |port| format!("from 5000 to {port}");
            lab_kit::claim::all(
                [7000, 7001, 7002]
                    .map(|port| run.observed("client", &to(port)).is("ok")),
            )
        })
        .claim(SAME, |run| {
            run.observed("client", "the fourth").is("connect: EADDRNOTAVAIL")
        })
        .what_if(
            "without-the-flag",
            option("client", "flags", "none"),
            fails([THREE, SAME]),
        )
        .what_if(
            "fourth-destination",
            option("client", "fourth-goes-to", 7003),
            fails([SAME]),
        )
        .folklore(
            Truth::True,
            "With SO_REUSEADDR, connections to different destinations \
             share a source port",
            THREE,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for port in 7000..=7003 {
        net.keep(net.on("server", || TcpListener::bind(net.here(port)))?);
    }
    net.on("client", || {
        for port in 7000..=7002 {
            let said = connect(net, port);
            net.observe(&format!("from 5000 to {port}"), said)?;
        }
        let port = net.number("fourth-goes-to")?;
        net.observe("the fourth", connect(net, u16::try_from(port)?))
    })
}

/// bind(), then connect(): which of the two fails is the point.
fn connect(net: &Net, port: u16) -> String {
    let flags = net.value("flags").unwrap_or_default();
    let socket = match bound(Type::STREAM, &flags, net.here(5000)) {
        Err(error) => return format!("bind: {}", outcome::<()>(Err(error))),
        Ok(socket) => socket,
    };
    let said = outcome(socket.connect(&net.at("server", port).into()));
    net.keep(socket);
    if said == "ok" { said } else { format!("connect: {said}") }
}
// ANCHOR_END: script

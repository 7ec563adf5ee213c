//! # Another user
//!
//! **Question.** The flags let two processes share a port. Whose processes?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};
use nix::unistd::{Uid, setfsuid};
use socket2::{Socket, Type};

use crate::flags::{set, socket};
use crate::udp::reached;

const PORT: &str = "SO_REUSEPORT, and another user: EADDRINUSE";
const ADDR: &str = "UDP, SO_REUSEADDR, and another user: ok";
const TAKES: &str = "and the other user's socket gets the datagrams";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Another user's process binds the same port. May it?";
    Experiment::new("uid", question)
        .root_only("a namespace of one user has no second one")
        .link(cable("client", "server"))
        .script(script)
        .option("server", "other-user", true)
        .option("server", "first-has-reuseaddr", true)
        .claim(PORT, |run| {
            let tcp = run.observed("server", "TCP, port").is("EADDRINUSE");
            tcp.and(run.observed("server", "UDP, port").is("EADDRINUSE"))
        })
        .claim(ADDR, |run| run.observed("server", "UDP, addr").is("ok"))
        .claim(TAKES, |run| run.observed("server", "who got it").is("other"))
        .what_if(
            "same-user",
            option("server", "other-user", false),
            fails([PORT]),
        )
        .what_if(
            "first-without-reuseaddr",
            option("server", "first-has-reuseaddr", false),
            fails([ADDR, TAKES]),
        )
        .folklore(
            Truth::Partly,
            "Sockets that share a port belong to one user",
            ADDR,
        )
        .folklore_note("with SO_REUSEPORT; UDP's SO_REUSEADDR asks nobody")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    shared(net, 7000, Type::STREAM, "TCP, port", ["port", "port"])?;
    shared(net, 7001, Type::DGRAM, "UDP, port", ["port", "port"])?;
    let addr = net.knob("server:first-has-reuseaddr");
    let first = if addr { "addr" } else { "none" };
    let pair = shared(net, 7002, Type::DGRAM, "UDP, addr", [first, "addr"])?;

    let client = net.on("client", || UdpSocket::bind(net.here(5000)))?;
    client.send_to(b"hello", net.on("client", || net.at("server", 7002)))?;
    let who = ["own", "other"][reached(net, &pair)?];
    net.on("server", || net.observe("who got it", who))
}

/// A socket of ours, and one of another user, on one port.
fn shared(
    net: &Net,
    port: u16,
    kind: Type,
    key: &str,
    flags: [&str; 2],
) -> Result<[UdpSocket; 2]> {
    net.on("server", || {
        let here = net.here(port).into();
        let own = socket(kind, flags[0])?;
        own.bind(&here)?;
        let other = of_another_user(net, kind)?;
        set(&other, flags[1])?;
        net.observe(key, outcome(other.bind(&here)))?;
        own.set_nonblocking(true)?;
        other.set_nonblocking(true)?;
        Ok([own.into(), other.into()])
    })
}

/// A socket belongs to the user who made it: to the filesystem user id of
/// that thread, which is its effective one unless somebody changed it.
pub(crate) fn of_another_user(net: &Net, kind: Type) -> Result<Socket> {
    if !net.knob("other-user") {
        return Ok(socket(kind, "none")?);
    }
    let own = setfsuid(Uid::from_raw(65534)); // this thread only
    let made = socket(kind, "none");
    setfsuid(own);
    Ok(made?)
}
// ANCHOR_END: script

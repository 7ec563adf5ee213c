//! # 127.0.0.1 without htonl
//!
//! **Question.** A program stores 127.0.0.1 as a number and forgets `htonl()`.
//! What do `connect()` and `bind()` say?

use std::net::Ipv4Addr;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, route};
use socket2::{Domain, Socket, Type};

use crate::sockaddr::{bind, connect, sockaddr};

const MEANT: &str = "the kernel is asked for 1.0.0.127";
const CONNECT: &str = "connect() says ENETUNREACH: no route leads there";
const BIND: &str = "bind() says EADDRNOTAVAIL: it is nobody's address here";
const ANY: &str = "0.0.0.0 needs no htonl, so a server never finds out";
const SILENT: &str = "nothing leaves the machine";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What is 127.0.0.1 without htonl()?";
    Experiment::new("address-without-htonl", question)
        .link(cable("client", "server"))
        .option("client", "htonl", false)
        .option("client", "device", false)
        .option("client", "loopback_for_any", false)
        .script(script)
        .claim(MEANT, |run| run.observed("client", "asked for").is("1.0.0.127"))
        .claim(CONNECT, |run| {
            run.observed("client", "connect").is("ENETUNREACH")
        })
        .claim(BIND, |run| run.observed("client", "bind").is("EADDRNOTAVAIL"))
        .claim(ANY, |run| run.observed("client", "bind 0.0.0.0").is("ok"))
        .claim(SILENT, |run| run.segments().none())
        .folklore(
            Truth::Partly,
            "127.0.0.1 without htonl is 1.0.0.127, and unreachable",
            CONNECT,
        )
        .folklore_note("Where there is a default route, a SYN leaves by it")
        .what_if(
            "htonl",
            option("client", "htonl", true),
            fails([MEANT, CONNECT, BIND]),
        )
        .what_if(
            "bound-to-a-device",
            option("client", "device", true),
            fails([CONNECT, SILENT]),
        )
        .what_if(
            "default-route",
            route("client", "default", 1),
            fails([CONNECT, SILENT]),
        )
        .what_if(
            "any-is-not-zero",
            option("client", "loopback_for_any", true),
            fails([ANY]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.on("client", || -> Result<()> {
        let number = |ip: Ipv4Addr| match net.knob("htonl") {
            true => u32::from(ip).to_be(),
            // As it stands on a little-endian machine; see port-without-htons.
            false => u32::from(ip).to_le(),
        };
        let loopback = number(Ipv4Addr::LOCALHOST);
        let asked = Ipv4Addr::from(loopback.to_ne_bytes());
        net.observe("asked for", asked)?;

        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?; // or it would wait for a SYN ACK
        if net.knob("device") {
            // Bound to a device, a socket needs no route: everybody is taken
            // for a neighbour, and is asked for its MAC.
            socket.bind_device(Some(b"eth0"))?;
        }
        let port = 8080u16.to_be();
        let said = outcome(connect(&socket, &sockaddr(port, loopback)));
        net.observe("connect", said)?;

        let bound = |address| -> Result<String> {
            let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
            Ok(outcome(bind(&socket, &sockaddr(port, address))))
        };
        net.observe("bind", bound(loopback)?)?;
        let any = match net.knob("loopback_for_any") {
            true => loopback,
            false => number(Ipv4Addr::UNSPECIFIED),
        };
        net.observe("bind 0.0.0.0", bound(any)?)
    })
}
// ANCHOR_END: script

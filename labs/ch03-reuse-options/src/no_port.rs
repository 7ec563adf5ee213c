//! # bind() without a port
//!
//! **Question.** A client must choose its source address, not its port. So it
//! calls `bind()` with port 0. What does that cost?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, sysctl};
use nix::sys::socket::{setsockopt, sockopt::IpBindAddressNoPort};
use socket2::Type;

use crate::flags::socket;

const MORE: &str = "four ports carry eight connections to two destinations";
const FULL: &str = "the ninth is refused by connect(): EADDRNOTAVAIL";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four ports, bind() with port 0: how many connections?";
    Experiment::new("no-port", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40003"))
        .option("client", "leaves-the-port-open", true)
        .option("server", "third-destination", false)
        .claim(MORE, |run| {
            let both = run.observed("client", "to 7000 and 7001");
            both.is("8 connected")
        })
        .claim(FULL, |run| {
            run.observed("client", "the ninth").is("connect: EADDRNOTAVAIL")
        })
        .what_if(
            "bind-takes-the-port",
            option("client", "leaves-the-port-open", false),
            fails([MORE, FULL]),
        )
        .what_if(
            "third-destination",
            option("server", "third-destination", true),
            fails([FULL]),
        )
        .folklore(
            Truth::Partly,
            "A client can have no more connections than it has ports",
            MORE,
        )
        .folklore_note(
            "to one destination; bind() with port 0 makes it so for all",
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for port in [7000, 7001, 7002] {
        net.keep(net.on("server", || TcpListener::bind(net.here(port)))?);
    }
    let ports = [7000, 7001].into_iter().flat_map(|port| [port; 4]);
    let said: Vec<_> = ports.map(|port| connect(net, port)).collect();
    let third = net.knob("server:third-destination");
    let ninth = connect(net, if third { 7002 } else { 7001 });
    let connected = said.iter().filter(|s| *s == "ok").count();
    net.on("client", || {
        let connected = format!("{connected} connected");
        net.observe("to 7000 and 7001", connected)?;
        net.observe("the ninth", ninth)
    })
}

/// bind(), then connect(): which of the two fails is the point.
fn connect(net: &Net, to: u16) -> String {
    net.on("client", || {
        let make = || -> std::io::Result<_> {
            let socket = socket(Type::STREAM, "none")?;
            // The port is chosen by connect(), which knows the destination.
            let open = net.knob("leaves-the-port-open");
            setsockopt(&socket, IpBindAddressNoPort, &open)?;
            socket.bind(&net.here(0).into())?;
            Ok(socket)
        };
        let socket = match make() {
            Err(e) => return format!("bind: {}", outcome::<()>(Err(e))),
            Ok(socket) => socket,
        };
        let said = outcome(socket.connect(&net.at("server", to).into()));
        net.keep(socket);
        if said == "ok" { said } else { format!("connect: {said}") }
    })
}
// ANCHOR_END: script

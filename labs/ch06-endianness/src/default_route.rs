//! # A SYN to somebody else
//!
//! **Question.** 127.0.0.1 without `htonl()` again, on a machine that has a
//! default route. Where does the SYN go?

use std::net::Ipv4Addr;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Moment, Net, Truth, cable, fails, option, outcome,
    route,
};
use socket2::{Domain, Socket, Type};

use crate::sockaddr::{connect, sockaddr};

const LEAVES: &str = "the SYN leaves the machine, for 1.0.0.127";
const WAITS: &str = "connect() waits, in SYN-SENT: no error yet";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "127.0.0.1 without htonl, and a default route. Where to?";
    Experiment::new("default-route", question)
        .link(cable("client", "router"))
        .knob(route("client", "default", 1))
        .option("client", "htonl", false)
        .script(script)
        .keeps_bytes()
        .claim(LEAVES, |run| {
            let to = syn(run).segment().and_then(|s| s.bytes.get(16..20));
            syn(run).is_there().and(lab_kit::Finding::new(
                to == Some(&[1, 0, 0, 127]),
                "to 1.0.0.127",
                lab_kit::claim::hex(to.unwrap_or_default()),
            ))
        })
        .claim(WAITS, |run| {
            let said = run.observed("client", "connect").is("EINPROGRESS");
            said.and(run.states_at("connect() waits", &["SYN-SENT", "-"]))
        })
        .figure("the SYN", |run| syn(run).packet())
        .folklore(
            Truth::False,
            "A program that connects to localhost sends nothing out",
            LEAVES,
        )
        .folklore_note("It does if it has localhost's bytes the wrong way")
        .what_if(
            "htonl",
            option("client", "htonl", true),
            fails([LEAVES, WAITS]),
        )
        .what_if(
            "no-default-route",
            route("client", "default", 0),
            fails([LEAVES, WAITS]),
        )
        .ends_with_script()
}

fn syn(run: &Evidence) -> Moment<'_> {
    run.segments().from("client").first()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.on("client", || -> Result<()> {
        let loopback = u32::from(Ipv4Addr::LOCALHOST);
        let address = match net.knob("htonl") {
            true => loopback.to_be(),
            false => loopback.to_le(),
        };
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_nonblocking(true)?;
        let to = sockaddr(8080u16.to_be(), address);
        net.observe("connect", outcome(connect(&socket, &to)))?;
        net.step("connect() waits")?;
        Ok(()) // closed before the second SYN; close() sends nothing
    })
}
// ANCHOR_END: script

//! # What the library sets
//!
//! **Question.** The program sets no option. Does its listener have none?

use std::net::{TcpListener, UdpSocket};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use socket2::{SockRef, Type};

use crate::flags::bound;

const TCP: &str = "a TcpListener of Rust's library has SO_REUSEADDR";
const ONLY: &str = "and not SO_REUSEPORT; a UdpSocket has neither";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The program sets no option. Does its listener have none?";
    Experiment::new("unasked", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "uses-the-library", true)
        .option("server", "bare-flags", "none")
        .claim(TCP, |run| run.observed("server", "TCP: addr").is("true"))
        .claim(ONLY, |run| {
            let port = run.observed("server", "TCP: port").is("false");
            let udp = run.observed("server", "UDP: addr or port").is("false");
            port.and(udp)
        })
        .what_if(
            "bare-socket",
            option("server", "uses-the-library", false),
            fails([TCP]),
        )
        .what_if(
            "bare-socket-with-both",
            [
                option("server", "uses-the-library", false),
                option("server", "bare-flags", "both"),
            ],
            fails([ONLY]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let flags = net.value("server:bare-flags").unwrap_or_default();
    net.on("server", || {
        let (tcp, udp) = match net.knob("uses-the-library") {
            true => (
                TcpListener::bind(net.here(7000))?.into(),
                UdpSocket::bind(net.here(7000))?.into(),
            ),
            false => (
                bound(Type::STREAM, &flags, net.here(7000))?,
                bound(Type::DGRAM, &flags, net.here(7000))?,
            ),
        };
        let (tcp, udp) = (SockRef::from(&tcp), SockRef::from(&udp));
        net.observe("TCP: addr", tcp.reuse_address()?)?;
        net.observe("TCP: port", tcp.reuse_port()?)?;
        let either = udp.reuse_address()? || udp.reuse_port()?;
        net.observe("UDP: addr or port", either)
    })
}
// ANCHOR_END: script

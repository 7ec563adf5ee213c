//! # My own address
//!
//! **Question.** A machine talks to 192.0.2.1, the address of its own eth0.
//! Which interface carries it?

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream, UdpSocket};

use anyhow::{Context, Result};
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A machine talks to its own eth0's address. By which way?";
    let [nothing, by_lo, any] = [
        "eth0 carries nothing",
        "lo carries every packet",
        "any address of 127.0.0.0/8 is this machine, configured or not",
    ];
    Experiment::new("own-address", question)
        .link(cable("machine", "peer"))
        .option("machine", "to", "machine")
        .option("machine", "spare", "127.200.3.4")
        .script(script)
        .claim(nothing, |run| run.segments().none())
        .claim(by_lo, |run| run.observed("machine", "packets by lo").is("5"))
        .claim(any, |run| run.observed("machine", "bind, send, recv").is("ok"))
        .what_if(
            "to-the-peer",
            option("machine", "to", "peer"),
            fails([nothing, by_lo]),
        )
        .what_if(
            "documentation-address",
            option("machine", "spare", "198.51.100.9"),
            fails([any]),
        )
        .folklore(
            Truth::False,
            "Connect to the machine's real address, and the packets go \
             through the real interface",
            nothing,
        )
        .folklore_note("they go through lo, as to 127.0.0.1")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let to = net.value("machine:to").context("an option")?;
    let before = net.device("machine", "lo")?.sent;
    let listener = net.on(&to, || TcpListener::bind(net.here(7000)))?;
    let mut client =
        net.on("machine", || TcpStream::connect(net.at(&to, 7000)))?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"hello")?; // the fourth packet; its ACK is the fifth
    server.read_exact(&mut [0; 5])?;
    let packets = net.device("machine", "lo")?.sent - before;
    net.keep(client);
    net.keep(server);

    net.on("machine", || {
        net.observe("packets by lo", packets)?;
        net.observe("bind, send, recv", outcome(to_itself(net)))
    })
}

/// Sends a datagram from an address to the same address.
fn to_itself(net: &Net) -> std::io::Result<usize> {
    let spare = net.value("spare").unwrap_or_default();
    let spare: IpAddr = spare.parse().map_err(std::io::Error::other)?;
    let socket = UdpSocket::bind((spare, 7000))?;
    socket.send_to(b"hello", (spare, 7000))?;
    socket.recv(&mut [0; 5])
}
// ANCHOR_END: script

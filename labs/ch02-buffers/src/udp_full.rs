//! # When a UDP `send()` fails
//!
//! **Question.** Nobody answers for the next hop's address, so the kernel
//! holds datagrams back until it is known. Does `send()` say ok for ever? And
//! how large may one datagram be?

use std::net::{SocketAddr, UdpSocket};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome};
use socket2::SockRef;

const BIG: &str = "65,507 bytes are one datagram, one more is EMSGSIZE";
const FULL: &str = "what waits below fills the send buffer: EAGAIN";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Can a UDP send() find its buffer full?";
    Experiment::new("udp-full", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "size", 65_507)
        .option("client", "sndbuf", 5000)
        .option("client", "host", 77)
        .claim(BIG, |run| {
            let send = |n| run.observed_nth("client", "big send", n);
            send(1).is("ok").and(send(2).is("EMSGSIZE"))
        })
        .claim(FULL, |run| {
            run.observed("client", "sends to nobody").is("ok, then EAGAIN")
        })
        .what_if("smaller", option("client", "size", 65_506), fails([BIG]))
        .what_if("somebody", option("client", "host", 2), fails([FULL]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let client = net.on("client", || UdpSocket::bind(net.here(7001)))?;
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let size = usize::try_from(net.number("client:size")?)?;
    for bytes in [size, size + 1] {
        let sent = client.send_to(&vec![b'x'; bytes], there);
        net.on("client", || net.observe("big send", outcome(sent)))?;
    }

    client.set_nonblocking(true)?;
    let sndbuf = usize::try_from(net.number("client:sndbuf")?)?;
    SockRef::from(&client).set_send_buffer_size(sndbuf)?;
    // An address of this network that no host has.
    let host = net.number("client:host")?;
    let nobody: SocketAddr = format!("192.0.2.{host}:7000").parse()?;
    let sends = (0..100).map(|_| outcome(client.send_to(&[b'x'; 500], nobody)));
    let mut words: Vec<String> = sends.collect();
    words.dedup();
    net.on("client", || net.observe("sends to nobody", words.join(", then ")))?;
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

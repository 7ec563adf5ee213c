//! # At once
//!
//! **Question.** send() to 127.0.0.2 has just returned. Is the data on its
//! way, or is it there?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, Truth, fails, link_knob, loopback, outcome, send_queue,
};

use crate::pair::{connect, plug};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "send() on loopback has returned. Where is the data?";
    let [udp, tcp, left, queue] = [
        "a datagram can be read as soon as send() has returned",
        "so can what was written to a TCP connection",
        "the sender's kernel has nothing left of either",
        "lo has no queue",
    ];
    Experiment::new("at-once", question)
        .link(loopback("client", "server"))
        .script(script)
        .claim(udp, |run| run.observed("server", "UDP recv").is("ok"))
        .claim(tcp, |run| run.observed("server", "TCP read").is("ok"))
        .claim(left, |run| {
            let udp = run.observed("client", "UDP Send-Q").is("0");
            udp.and(run.observed("client", "TCP Send-Q").is("0"))
        })
        .claim(queue, |run| run.observed("client", "qdisc of lo").is("noqueue"))
        .what_if(
            "rate",
            link_knob("rate", "240kbit"),
            fails([udp, tcp, left, queue]),
        )
        .folklore(Truth::Partly, "There is no buffering over loopback", queue)
        .folklore_note(
            "none by default; a qdisc on lo buffers like any other \
             (what-if `rate`)",
        )
        .folklore(
            Truth::True,
            "Loopback delivers within the send system call",
            udp,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    // One thread plays both: nobody else could carry anything meanwhile.
    let (mut client, mut server) = connect(net)?;
    let (sender, inbox) = plug(net)?;
    server.set_nonblocking(true)?;

    sender.send(b"hello")?;
    let received = inbox.recv(&mut [0; 5]);
    let waiting = send_queue(&sender)?.min(1); // memory of the kernel's, or 0
    client.write_all(b"hello")?;
    let read = server.read(&mut [0; 5]);
    let unacknowledged = send_queue(&client)?;

    net.on("server", || net.observe("UDP recv", outcome(received)))?;
    net.on("server", || net.observe("TCP read", outcome(read)))?;
    net.on("client", || -> Result<()> {
        net.observe("UDP Send-Q", waiting)?;
        net.observe("TCP Send-Q", unacknowledged)?;
        net.observe("qdisc of lo", net.device("client", "lo")?.qdisc)
    })?;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

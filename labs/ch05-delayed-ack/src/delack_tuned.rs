//! # What sets the 40 ms
//!
//! **Question.** Two servers owe the same client an ACK. One of them was tuned,
//! and it was told after the other. Which one acknowledges first?

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, libc, outcome, send_queue, set_tcp};
use socket2::SockRef;

use crate::delack_claims::with_claims;
use crate::echo::count;

/// From include/uapi/linux/tcp.h; the libc crate doesn't name them yet.
const TCP_RTO_MIN_US: libc::c_int = 45;
const TCP_DELACK_MAX_US: libc::c_int = 46;

// ANCHOR: experiment
pub(crate) fn base(name: &str, what: &str) -> Experiment {
    let question = format!("Does {what} make a delayed ACK less late?");
    let experiment = Experiment::new(name, &question)
        .link(cable("client", "plain"))
        .link(cable("client", "tuned"))
        .script(script)
        .option("client", "interactive", true)
        .option("tuned", "file", "tcpdelackmin");
    with_claims(experiment)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let plain = connect(net, "plain")?;
    let tuned = connect(net, "tuned")?;
    (&plain.0).write_all(b"to plain")?;
    (&tuned.0).write_all(b"to tuned")?;
    for (client, server) in [&plain, &tuned] {
        let mut server = server;
        server.read_exact(&mut [0; 8])?;
        net.until("it is acknowledged", || Ok(send_queue(client)? == 0))?;
    }
    net.on("tuned", || {
        let file = net.value("file").unwrap_or_default();
        let read = fs::read(format!("/proc/sys/net/ipv4/{file}"));
        net.observe("tcpdelackmin", outcome(read))
    })?;
    count(net, "plain")?;
    count(net, "tuned")?;
    for (host, (client, server)) in [("plain", plain), ("tuned", tuned)] {
        drop(client);
        net.until_state(host, "CLOSE-WAIT")?;
        drop(server);
    }
    Ok(())
}

/// A connection whose server believes in a conversation.
fn connect(net: &Net, host: &str) -> Result<(TcpStream, TcpStream)> {
    let listener = net.on(host, || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at(host, 7000));
    let client = net.on("client", || TcpStream::connect(there))?;
    let (server, _) = listener.accept()?;
    if net.knob("client:interactive") {
        SockRef::from(&server).set_tcp_quickack(false)?;
    }
    for (key, option) in
        [("delack-max-us", TCP_DELACK_MAX_US), ("rto-min-us", TCP_RTO_MIN_US)]
    {
        let us = net.value(&format!("{host}:{key}")).unwrap_or_default();
        if let Ok(us) = us.parse::<i32>()
            && us > 0
        {
            set_tcp(&server, option, us)?;
        }
    }
    Ok((client, server))
}
// ANCHOR_END: script

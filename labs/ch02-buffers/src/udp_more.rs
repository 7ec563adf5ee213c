//! # What a UDP send buffer buffers
//!
//! **Question.** Three `send()` calls on a UDP socket. How many datagrams
//! leave, and when? And with `MSG_MORE`?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{
    Experiment, Net, Truth, cable, fails, libc, option, receive_queue,
    send_queue,
};
use socket2::SockRef;

const AT_ONCE: &str = "send(): the datagram arrives, and Send-Q is 0";
const NOTHING: &str = "send() with MSG_MORE: nothing has left";
const ONE: &str = "the last send() takes all three along, as one datagram";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Three send() calls: how many datagrams, and when?";
    let saying = "A UDP socket has a send buffer, but it buffers nothing";
    Experiment::new("udp-more", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "more-at-first", false)
        .option("client", "more", true)
        .claim(AT_ONCE, |run| {
            run.observed("client", "sent, queued, arrived").is("5, 0, 5")
        })
        .claim(NOTHING, |run| run.observed("server", "arrived of two").is("0"))
        .claim(ONE, |run| {
            let sent = run.segments().from("client").saying("one");
            sent.clone().count_is(1).and(sent.first().carries(11))
        })
        .folklore(Truth::Partly, saying, ONE)
        .folklore_note("MSG_MORE and UDP_CORK collect one datagram in it.")
        .what_if(
            "more-at-first",
            option("client", "more-at-first", true),
            fails([AT_ONCE, ONE]),
        )
        .what_if(
            "without",
            option("client", "more", false),
            fails([NOTHING, ONE]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    let client = net.on("client", || UdpSocket::bind(net.here(7001)))?;
    client.connect(net.on("client", || net.at("server", 7000)))?;
    let send = |word: &str, more: bool| {
        let flags = if more { libc::MSG_MORE } else { 0 };
        SockRef::from(&client).send_with_flags(word.as_bytes(), flags)
    };
    let sent = send("plain", net.knob("client:more-at-first"))?;
    let arrives =
        || net.until("a datagram arrives", || Ok(receive_queue(&server)? > 0));
    if !net.knob("client:more-at-first") {
        arrives()?;
    }
    let (queued, arrived) = (send_queue(&client)?, receive_queue(&server)?);
    net.on("client", || {
        net.observe(
            "sent, queued, arrived",
            format!("{sent}, {queued}, {arrived}"),
        )
    })?;
    server.set_nonblocking(true)?;
    server.recv(&mut [0; 10]).ok();

    let more = net.knob("client:more");
    send("one", more)?;
    send("two", more)?;
    if !more {
        arrives()?;
    }
    let arrived = receive_queue(&server)?;
    net.on("server", || net.observe("arrived of two", arrived))?;
    send("three", false)?;
    Ok(())
}
// ANCHOR_END: script

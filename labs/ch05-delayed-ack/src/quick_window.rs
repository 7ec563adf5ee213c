//! # How many quick ACKs
//!
//! **Question.** Four connections, four receive buffers, data in one
//! direction. How many ACKs come at once before the first one waits?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Experiment, Figure, Net, cable, fails, option, route, send_queue,
};
use socket2::SockRef;

use crate::echo::{DELAYED, close};

/// SO_RCVBUF of each connection, by the option that sets it.
const BUFFERS: [&str; 4] = ["tiny", "small", "medium", "large"];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four receive buffers. How many quick ACKs has each?";
    let [follows, capped] = [
        "a tiny buffer has one, a small one four",
        "a medium one has sixteen, and a large one no more",
    ];
    Experiment::new("quick-acks-window", question)
        .link(cable("client", "server"))
        .script(script)
        // A pause as long as the server's RTO would fill the budget up.
        .knob(route("server", "rto_min", "2000ms"))
        .option("server", "tiny", 2000)
        .option("server", "small", 5000)
        .option("server", "medium", 20_000)
        .option("server", "large", 60_000)
        .claim(follows, |run| {
            let quick = |buffer| run.observed("server", buffer);
            quick("tiny").is("1").and(quick("small").is("4"))
        })
        .claim(capped, |run| {
            let quick = |buffer| run.observed("server", buffer);
            quick("medium").is("16").and(quick("large").is("16"))
        })
        .figure("Quick ACKs, by receive buffer", |run| {
            BUFFERS.iter().fold(Figure::bars("quick ACKs"), |bars, buffer| {
                let size = run.options.get(&format!("server:{buffer}"));
                let size = size.map_or("?", String::as_str);
                let quick = run.observed("server", buffer).number().value();
                let label = format!("SO_RCVBUF {size}");
                bars.bar(&label, quick.unwrap_or(0))
            })
        })
        .what_if(
            "tiny-is-large",
            option("server", "tiny", 60_000),
            fails([follows]),
        )
        .what_if(
            "large-is-small",
            option("server", "large", 5000),
            fails([capped]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for (buffer, port) in BUFFERS.iter().zip(7000..) {
        let bytes = net.number(&format!("server:{buffer}"))?;
        let at = net.on("server", || net.here(port));
        let listener = net.on("server", || TcpListener::bind(at))?;
        SockRef::from(&listener)
            .set_recv_buffer_size(usize::try_from(bytes)?)?;
        let mut client = net.on("client", || TcpStream::connect(at))?;
        let (server, _) = listener.accept()?;
        let quick = quick_acks(net, &mut client)?;
        net.on("server", || net.observe(buffer, quick))?;
        drain_and_close(net, client, server)?;
    }
    Ok(())
}

/// One segment at a time, until the timer has to send the ACK.
fn quick_acks(net: &Net, client: &mut TcpStream) -> Result<u32> {
    let before = net.counter("server", DELAYED)?;
    for quick in 0..30 {
        client.write_all(b"a segment")?;
        net.until("it is acknowledged", || Ok(send_queue(client)? == 0))?;
        if net.counter("server", DELAYED)? > before {
            return Ok(quick);
        }
    }
    Ok(30)
}

/// Reads what was sent (closed with unread data, it would send a reset).
fn drain_and_close(
    net: &Net,
    client: TcpStream,
    mut server: TcpStream,
) -> Result<()> {
    let arrived = usize::try_from(lab_kit::receive_queue(&server)?)?;
    server.read_exact(&mut vec![0; arrived])?;
    close(net, client, server)?;
    net.until("both are gone", || {
        let server = net.sockets("server")?;
        Ok(server.iter().all(|s| s.state == "LISTEN"))
    })
}
// ANCHOR_END: script

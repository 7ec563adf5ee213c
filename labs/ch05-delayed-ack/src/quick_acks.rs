//! # Quick ACKs, until they are used up
//!
//! **Question.** Data goes one way, the server doesn't even read it. Which
//! ACK is the first that waits, and why not the first one of all?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{
    Experiment, Net, cable, fails, ms, option, receive_queue, send_queue,
};
use socket2::SockRef;

use crate::echo::{DELAYED, close, count};

const SAVED: &str = "the ACK of the last one waits";
const ONE: &str = "it is the only one that waited";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 2] {
    let usual = base("quick-acks", 17, 0)
        .what_if("one-less", option("client", "segments", 16), both())
        .what_if(
            "small-buffer",
            option("server", "rcvbuf", 5000),
            fails([ONE]),
        );
    let small = base("quick-acks-small-buffer", 5, 5000)
        .what_if("usual-buffer", option("server", "rcvbuf", 0), both())
        .what_if("reading", option("server", "reads", true), both())
        .what_if("a-pause", option("client", "pauses", true), both());
    [usual, small]
}

fn both() -> Vec<String> {
    fails([SAVED, ONE])
}

fn base(name: &str, segments: u32, rcvbuf: u32) -> Experiment {
    let question = "Data goes one way. Which ACK is the first that waits?";
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "segments", segments)
        .option("server", "rcvbuf", rcvbuf)
        .option("server", "reads", false)
        .option("client", "pauses", false)
        .claim(SAVED, |run| {
            let last = run.segments().from("client").with_data().last();
            last.clone().acknowledged().after(last).at_least(DELAYED_ACK)
        })
        .claim(ONE, |run| run.observed("server", DELAYED).is("1"))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    if rcvbuf > 0 {
        // On the listener: the connection is born with it.
        SockRef::from(&listener).set_recv_buffer_size(rcvbuf)?;
    }
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    let last = net.number("client:segments")?;
    for n in 1..=last {
        if n == last && net.knob("client:pauses") {
            net.quiet(ms(300), "longer than the server's RTO")?;
        }
        client.write_all(format!("segment {n}").as_bytes())?;
        if net.knob("server:reads") {
            net.until("it is here", || Ok(receive_queue(&server)? > 0))?;
            drain(&mut server)?;
        }
        net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
    }
    // Before the end: the ACK of a FIN may wait, and is counted, too.
    count(net, "server")?;
    drain(&mut server)?; // closed with unread data, it would send a reset
    close(net, client, server)
}

/// Reads what has arrived.
fn drain(server: &mut TcpStream) -> Result<()> {
    let arrived = usize::try_from(receive_queue(server)?)?;
    Ok(server.read_exact(&mut vec![0; arrived])?)
}
// ANCHOR_END: script

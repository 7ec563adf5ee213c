//! # Exercise: five segments
//!
//! What the chapter's rules say of five full segments at once. The reader's
//! own run is the key.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Net, Selection, cable, number, send_queue,
};
use socket2::SockRef;

use crate::echo::{DELAYED, close, count};
use crate::hints::five_segments as hints;

/// What fits into a segment here: 1500 bytes, less 52 of headers.
const FULL: usize = 1448;
const ACKS: &str = "how many ACKs the server sends";
const FIRST: &str = "how much the first of them acknowledges";
const TIMER: &str = "how many of them its timer sends";

pub(crate) fn exercise() -> Exercise {
    Exercise::predict("Five segments, and how many ACKs?", experiment())
        .asks("acks", "How many ACKs does the server send for them?", number())
        .asks(
            "first",
            "How many bytes does the first of them acknowledge?",
            number(),
        )
        .asks(
            "timer",
            "How many of them does its delayed ACK timer send?",
            number(),
        )
        .rule(4, ACKS, hints::ACKS, |run| {
            run.said("acks").is_number(acks(run).count() as i64)
        })
        .rule(3, FIRST, hints::FIRST, |run| {
            let first = acks(run).iter().next().and_then(|s| s.ack);
            run.said("first").is_number(first.unwrap_or(0) - 1)
        })
        .rule(3, TIMER, hints::TIMER, |run| {
            let timer = run.observed("server", DELAYED).number().value();
            run.said("timer").is_number(timer.unwrap_or(-1))
        })
        .starter_breaks(ACKS)
        .wrong("one-each", ACKS)
        .wrong("one-for-all", ACKS)
        .wrong("none-waits", TIMER)
}

/// Between the data and the end.
fn acks(run: &Evidence) -> Selection<'_> {
    let data = run.segments().from("client").with_data().first();
    let end = run.segments().from("client").with_flag('F').first();
    run.segments().from("server").pure_acks().after(data).before(end)
}

fn experiment() -> Experiment {
    Experiment::new("five-segments", "Five full segments: how many ACKs?")
        .link(cable("client", "server"))
        .script(script)
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    SockRef::from(&server).set_tcp_quickack(false)?; // it believes in answers
    client.write_all(&[b'.'; 5 * FULL])?;
    net.until("all is acknowledged", || Ok(send_queue(&client)? == 0))?;
    count(net, "server")?;
    server.read_exact(&mut [0; 5 * FULL])?;
    close(net, client, server)
}
// ANCHOR_END: script

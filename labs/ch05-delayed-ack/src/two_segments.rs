//! # Two full segments
//!
//! **Question.** The server believes in a conversation, so its ACKs wait. The
//! client sends one full segment, and later two at once. Does the ACK of the
//! two wait as well?
//!
//! RFC 9293, section 3.8.6.3: in a stream of full segments there should be an
//! ACK for at least every second one.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Experiment, Net, cable, fails, option, send_queue, sysctl};
use socket2::SockRef;

use crate::echo::{DELAYED, close, count};

/// What fits into a segment here: 1500 bytes, less 52 of headers.
const FULL: usize = 1448;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One full segment, then two at once. Whose ACK waits?";
    let [one, two, last] = [
        "the ACK of one full segment waits",
        "the ACK of two does not: no timer sent it",
        "it acknowledges both",
    ];
    Experiment::new("two-segments", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "second", 2 * FULL)
        .option("server", "interactive", true)
        // An ACK is only due at once if its window is no smaller than the last.
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 1048576 6291456"))
        .claim(one, |run| {
            run.ack_of("1").after(run.data("1")).at_least(DELAYED_ACK)
        })
        .claim(two, |run| {
            let delayed = |n| run.observed_nth("server", DELAYED, n);
            delayed(1).is("1").and(delayed(2).is("1"))
        })
        .claim(last, |run| {
            let sent = run.segments().from("client").with_data();
            let both = run.segments().from("server").after(sent.clone().nth(3));
            sent.count_is(3).and(both.first().acks(1 + 3 * FULL as i64))
        })
        .what_if(
            "one-and-a-bit",
            option("client", "second", FULL - 1),
            fails([two, last]),
        )
        .what_if(
            "not-interactive",
            option("server", "interactive", false),
            fails([one, two, last]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    client.set_nodelay(true)?; // Nagle's algorithm is not the subject
    let second = usize::try_from(net.number("client:second")?)?;
    for (digit, bytes) in [(b'1', FULL), (b'2', second)] {
        if net.knob("server:interactive") {
            SockRef::from(&server).set_tcp_quickack(false)?;
        }
        client.write_all(&vec![digit; bytes])?;
        net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
        count(net, "server")?;
        server.read_exact(&mut vec![0; bytes])?;
    }
    close(net, client, server)
}
// ANCHOR_END: script

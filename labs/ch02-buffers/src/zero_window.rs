//! # The window is zero
//!
//! **Question.** The server's receive buffer is full, and its ACK says so. The
//! client has more to send. What does its kernel do while nobody reads? And
//! with a buffer ten times as large?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Evidence, Experiment, Finding, Moment, Net, Selection, cable, fails, ms,
    option, send_queue, sysctl,
};

use crate::dials::socket_at;
use crate::pair::{connect_with, leave_open};

const PROBES: &str = "TcpExtTCPWinProbe";
const ZERO: &str = "the server advertises a window of 0";
const BACKOFF: &str =
    "it asks after 200 ms, then after 400 more, then after 800";
const EMPTY: &str = "it asks with a segment of no data, one number too low";
const TIMER: &str = "its timer is the persist timer, and unsent data waits";
const ALL: &str = "the server reads, and all of it arrives";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 2] {
    [
        base("zero-window", 5000, 20_000),
        base("zero-window-larger", 15_000, 40_000),
    ]
}

fn base(name: &str, rcvbuf: u32, bytes: u32) -> Experiment {
    let question = "Nobody reads. What does the sender's kernel do?";
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        // Answers to probes are rate-limited: one of our three would be lost.
        .knob(sysctl("server", "net.ipv4.tcp_invalid_ratelimit", 0))
        .option("server", "rcvbuf", rcvbuf)
        .option("server", "reads", false)
        .option("client", "bytes", bytes)
        .claim(ZERO, |run| closing(run).is_there())
        .claim(BACKOFF, |run| {
            let (zero, probe) = (closing(run), |n| probes(run).nth(n));
            let waits = [
                (zero, probe(1), 190),
                (probe(1), probe(2), 390),
                (probe(2), probe(3), 790),
            ];
            all(waits.map(|(from, to, wait)| to.after(from).at_least(ms(wait))))
        })
        .claim(EMPTY, |run| probes(run).at_least(3))
        .claim(TIMER, |run| {
            let client = socket_at(run, "nobody reads", "client");
            let timer = client.map_or("no socket", |s| &s.timer);
            let waits = client.and_then(|s| s.not_sent).unwrap_or(0) > 0;
            Finding::new(timer == "persist" && waits, "persist", timer)
        })
        .claim(ALL, |run| run.observed("server", "read").is("all"))
        .figure("The panel", Evidence::panel)
        .shows_windows()
        .what_if(
            "reads",
            option("server", "reads", true),
            fails([ZERO, BACKOFF, EMPTY, TIMER]),
        )
        .ends_with_script()
}

/// The first segment by which the server closes its window.
fn closing(run: &Evidence) -> Moment<'_> {
    let zero = run.segments().from("server");
    zero.that("with a window of 0", |s| s.window == 0).first()
}

/// What the client sends below its own sequence number while it is closed.
fn probes(run: &Evidence) -> Selection<'_> {
    let sent = run.segments().from("client").before(closing(run));
    let end = sent.iter().map(|s| s.end()).max().unwrap_or(0);
    let later = run.segments().from("client").after(closing(run));
    later.that("that are probes", move |s| s.len == 0 && s.seq == end - 1)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    let bytes = usize::try_from(net.number("client:bytes")?)?;
    let mut pair = connect_with(net, rcvbuf)?;
    pair.client.write_all(&vec![b'x'; bytes])?;
    if !net.knob("server:reads") {
        net.until("it has asked three times", || {
            Ok(net.counter("client", PROBES)? >= 3)
        })?;
    }
    net.step("nobody reads")?;
    pair.server.read_exact(&mut vec![0; bytes])?;
    net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    net.on("server", || net.observe("read", "all"))?;
    net.step("all is read")?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

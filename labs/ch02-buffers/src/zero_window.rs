//! # The window is zero
//!
//! **Question.** The server's receive buffer is full, and its ACK says so. The
//! client has more to send. What does its kernel do while nobody reads?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Selection, Truth, cable, fails, ms,
    option, send_queue, sysctl,
};

use crate::dials::socket_at;
use crate::pair::{close_window, connect_with, leave_open};

const BACKOFF: &str =
    "it asks after 200 ms, then after 400 more, then after 800";
const EMPTY: &str =
    "each question is an old number, no data; each answer a window of 0";
const TIMER: &str = "its timer is the persist timer, and unsent data waits";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 2] {
    let saying = "A larger receive buffer cures a zero window";
    let larger = base("zero-window-larger", 15_000)
        .folklore(Truth::False, saying, TIMER)
        .folklore_note("It fills later; the program must read.");
    [base("zero-window", 5000), larger]
}

fn base(name: &str, rcvbuf: u32) -> Experiment {
    let question = "Nobody reads. What does the sender's kernel do?";
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        // Answers to probes are rate-limited: one of our three would be lost.
        .knob(sysctl("server", "net.ipv4.tcp_invalid_ratelimit", 0))
        .option("server", "rcvbuf", rcvbuf)
        .option("server", "reads", false)
        .claim(BACKOFF, |run| {
            let (zero, probe) = (zeros(run).first(), |n| probes(run).nth(n));
            let waits = [
                (zero, probe(1), 190),
                (probe(1), probe(2), 390),
                (probe(2), probe(3), 790),
            ];
            all(waits.map(|(from, to, wait)| to.after(from).at_least(ms(wait))))
        })
        .claim(EMPTY, |run| probes(run).count_is(3).and(zeros(run).count_is(4)))
        .claim(TIMER, |run| {
            let client = socket_at(run, "nobody reads", "client");
            let timer = client.map_or("no socket", |s| &s.timer);
            let waits = client.and_then(|s| s.not_sent).unwrap_or(0) > 0;
            Finding::new(timer == "persist" && waits, "persist", timer)
        })
        .figure("The panel", Evidence::panel)
        .shows_windows()
        .what_if(
            "reads",
            option("server", "reads", true),
            fails([BACKOFF, EMPTY, TIMER]),
        )
        .what_if(
            "rate-limited",
            sysctl("server", "net.ipv4.tcp_invalid_ratelimit", 900),
            fails([EMPTY]),
        )
        .ends_with_script()
}

/// What the server sends while its window is closed.
fn zeros(run: &Evidence) -> Selection<'_> {
    let all = run.segments().from("server");
    all.that("with a window of 0", |s| s.window == 0)
}

/// What the client sends below its own sequence number while it is closed.
fn probes(run: &Evidence) -> Selection<'_> {
    let sent = run.segments().from("client").before(zeros(run).first());
    let end = sent.iter().map(|s| s.end()).max().unwrap_or(0);
    let later = run.segments().from("client").after(zeros(run).first());
    later.that("that are probes", move |s| s.len == 0 && s.seq == end - 1)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    let mut pair = connect_with(net, rcvbuf)?;
    let mut bytes = 1448;
    if net.knob("server:reads") {
        pair.client.write_all(&[b'x'; 1448])?;
    } else {
        bytes = close_window(net, &mut pair)?;
        let before = net.counter("server", "TcpInSegs")?;
        net.until("three questions have arrived", || {
            Ok(net.counter("server", "TcpInSegs")? >= before + 3)
        })?;
    }
    net.step("nobody reads")?;
    pair.server.read_exact(&mut vec![0; bytes])?;
    net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    net.step("all is read")?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

//! # A hundred datagrams, a small buffer
//!
//! **Question.** A client sends 100 datagrams to a server that is busy. Its
//! receive buffer has room for a few. Which ones survive, the first or the
//! last, and who is told?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Figure, Finding, Net, Truth, cable, fails, option,
    outcome,
};
use socket2::SockRef;

const DROPS: &str = "UdpRcvbufErrors";
const SENT: &str = "every send() says ok";
const FIRST: &str = "the first few survive, not the last";
const SUM: &str = "read + UdpRcvbufErrors = 100, to the datagram";
const COUNT: &str = "UdpInDatagrams counts reads, UdpInErrors the same losses";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "100 datagrams, room for a few. Which survive?";
    Experiment::new("udp-overflow", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "rcvbuf", 4096)
        .option("client", "size", 1000)
        .claim(SENT, |run| run.observed("client", "sent").is("all ok"))
        .claim(FIRST, |run| {
            run.observed("server", "survivors").is("the first, without a gap")
        })
        .claim(SUM, |run| {
            let (read, lost) = (grew(run, "UdpInDatagrams"), grew(run, DROPS));
            let some = read > 0 && lost > 0;
            let saw = format!("{read} + {lost}");
            Finding::new(some && read + lost == 100, "100, some lost", saw)
        })
        .claim(COUNT, |run| {
            let (errors, lost) = (grew(run, "UdpInErrors"), grew(run, DROPS));
            let read = run.observed("server", "read").is("UdpInDatagrams");
            let saw = format!("{errors}, {lost}");
            read.and(Finding::new(errors == lost && lost > 0, "the same", saw))
        })
        .figure("What became of 100 datagrams", |run| {
            Figure::bars("datagrams")
                .bar("read", grew(run, "UdpInDatagrams"))
                .bar("lost: UdpRcvbufErrors", grew(run, DROPS))
        })
        .folklore(
            Truth::False,
            "If the receiver has no room, a UDP send() fails",
            SENT,
        )
        .folklore_note("Only the receiver's kernel knows, and only counts.")
        .what_if(
            "large-buffer",
            option("server", "rcvbuf", 200_000),
            fails([FIRST, SUM, COUNT]),
        )
        .what_if(
            "too-large",
            option("client", "size", 65_508),
            fails([SENT, FIRST, SUM, COUNT]),
        )
}

fn grew(run: &Evidence, counter: &str) -> i64 {
    run.counter("server", counter).value().unwrap_or(0)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    let rcvbuf = usize::try_from(net.number("server:rcvbuf")?)?;
    SockRef::from(&server).set_recv_buffer_size(rcvbuf)?;
    let client = net.on("client", || UdpSocket::bind(net.here(7001)))?;
    client.connect(net.on("client", || net.at("server", 7000)))?;
    let size = usize::try_from(net.number("client:size")?)?;
    let sent =
        (1..=100).map(|n| client.send(format!("{n:.<size$}").as_bytes()));
    let words: Vec<String> = sent.map(outcome).collect();
    let all = words.iter().all(|word| word == "ok");
    let all = if all { "all ok" } else { "not all ok" };
    net.on("client", || net.observe("sent", all))?;

    if all == "all ok" {
        let passed = || Ok(net.counter("server", "IpInDelivers")? >= 100);
        net.until("they have arrived", passed)?;
    }
    server.set_nonblocking(true)?; // now the server has time
    let mut read = Vec::new();
    let mut word = [0; 3];
    while server.recv(&mut word).is_ok() {
        let text = String::from_utf8_lossy(&word);
        read.push(text.trim_end_matches('.').to_string());
    }
    let expected = (1..=read.len()).map(|n| n.to_string());
    let few = (1..100).contains(&read.len());
    let first = few && read.iter().cloned().eq(expected);
    let seen = if first { "the first, without a gap" } else { "not so" };
    net.on("server", || net.observe("survivors", seen))?;
    let counted = net.counter("server", "UdpInDatagrams")?;
    let same = i64::try_from(read.len())? == counted;
    let seen = if same { "UdpInDatagrams" } else { "something else" };
    net.on("server", || net.observe("read", seen))
}
// ANCHOR_END: script

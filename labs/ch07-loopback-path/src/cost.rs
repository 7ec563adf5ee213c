//! # What it costs
//!
//! **Question.** A pipe, a UNIX socket, UDP and TCP on loopback: one byte in,
//! one byte out. Which is the cheapest?

use std::io::pipe;
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Figure, Finding, Net, Truth, cable, fails,
    figure::Bars, option,
};
use nix::unistd::{read, write};

use crate::cpu::stay_on;

/// So many that the quickest of them was disturbed by nobody.
const ROUNDS: usize = 3_000;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Pipe, UNIX socket, UDP, TCP: which is the cheapest?";
    let [unix, udp, tcp] = [
        "a pipe costs less than a UNIX socket",
        "a UNIX socket costs less than UDP on loopback",
        "UDP costs less than TCP on loopback",
    ];
    Experiment::new("cost", question)
        .link(cable("machine", "peer")) // idle: no capture where we measure
        .option("machine", "pipe", 1)
        .option("machine", "UNIX", 1)
        .option("machine", "UDP", 1)
        .script(script)
        .claim(unix, |run| less(run, "pipe", "UNIX"))
        .claim(udp, |run| less(run, "UNIX", "UDP"))
        .claim(tcp, |run| less(run, "UDP", "TCP"))
        .figure("the quickest of 3000 rounds", drawn)
        .what_if("ten-by-udp", option("machine", "UDP", 10), fails([tcp]))
        .what_if("ten-by-unix", option("machine", "UNIX", 10), fails([udp]))
        .what_if("ten-by-pipe", option("machine", "pipe", 10), fails([unix]))
        .folklore(
            Truth::True,
            "A UNIX socket is cheaper than the loopback interface",
            udp,
        )
        .ends_with_script()
}

fn less(run: &Evidence, cheap: &str, dear: &str) -> Finding {
    let ns = |kind| run.observed("machine", kind).number().value();
    let [a, b] = [ns(cheap), ns(dear)];
    let holds = a.is_some() && a < b;
    let word = if holds { "it does" } else { "it doesn't" };
    Finding::new(holds, format!("{cheap} below {dear}"), word)
}

fn drawn(run: &Evidence) -> Bars {
    let bars = Figure::bars("ns, one byte in and out");
    ["pipe", "UNIX", "UDP", "TCP"].iter().fold(bars, |bars, kind| {
        let ns = run.observed("machine", kind).number().value();
        bars.bar(kind, ns.unwrap_or(0))
    })
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    stay_on(0)?;
    net.on("machine", || {
        let (reader, writer) = pipe()?;
        measure(net, "pipe", reader, writer)?;
        let (reader, writer) = UnixStream::pair()?;
        let unix = measure(net, "UNIX", reader, writer)?;
        let reader = UdpSocket::bind("127.0.0.1:7000")?;
        let writer = UdpSocket::bind("127.0.0.1:7001")?;
        writer.connect(reader.local_addr()?)?;
        measure(net, "UDP", reader, writer)?;
        let listener = TcpListener::bind("127.0.0.1:7000")?;
        let writer = TcpStream::connect(listener.local_addr()?)?;
        writer.set_nodelay(true)?;
        let tcp = measure(net, "TCP", listener.accept()?.0, writer)?;
        net.observe("a UNIX socket costs less than TCP", unix < tcp)
    })
}

/// One thread, the same two system calls for each kind, and nobody to wake.
fn measure(
    net: &Net,
    kind: &str,
    reader: impl AsFd,
    writer: impl AsFd,
) -> Result<u128> {
    let bytes = net.number(kind).unwrap_or(1);
    let mut best = u128::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        for _ in 0..bytes {
            write(&writer, b"x")?;
            read(&reader, &mut [0])?;
        }
        best = best.min(start.elapsed().as_nanos());
    }
    net.measure(kind, best)?;
    Ok(best)
}
// ANCHOR_END: script

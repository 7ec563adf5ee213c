//! # One worker leaves
//!
//! **Question.** Four UDP workers share a port, and one is stopped. Its
//! clients get another worker. What happens to the clients of the others?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::figure::{Figure, Table};
use lab_kit::{Evidence, Experiment, Net, Truth, cable, fails, option};

use crate::udp::{member, reached};

const STAYS: &str = "a second datagram reaches the same worker as the first";
const MOVED: &str = "one worker leaves: clients of the other three are moved";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One of four workers leaves. Whose clients are moved?";
    Experiment::new("remap", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "one-joins", false)
        .option("server", "one-leaves", true)
        .claim(STAYS, |run| run.observed("server", "all stay").is("true"))
        .claim(MOVED, |run| run.observed("server", "others stay").is("false"))
        .figure("32 clients of four workers, in one run", table)
        .what_if(
            "one-joins",
            option("server", "one-joins", true),
            fails([STAYS]),
        )
        .what_if(
            "nobody-leaves",
            option("server", "one-leaves", false),
            fails([MOVED]),
        )
        .folklore(
            Truth::Partly,
            "With SO_REUSEPORT a client always reaches the same worker",
            MOVED,
        )
        .folklore_note("until a worker is added or leaves")
        .ends_with_script()
}
// ANCHOR_END: experiment

fn table(run: &Evidence) -> Table {
    let keys = ["of the worker that left", "stayed", "moved"];
    let head = Figure::table(["clients", "how many"]);
    keys.iter().fold(head, |table, key| {
        let count = run.observed("server", key).number().value();
        table.row([key.to_string(), count.unwrap_or(0).to_string()])
    })
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let there = net.on("server", || net.here(7000));
    let join = || net.on("server", || member("port", there));
    let mut workers = (0..4).map(|_| join()).collect::<Result<Vec<_>>>()?;
    let own = |port| net.on("client", || UdpSocket::bind(net.here(port)));
    let clients = (6000..6032).map(own).collect::<Result<Vec<_>, _>>()?;
    // Which worker each client reaches.
    let ask = |workers: &[UdpSocket]| -> Result<Vec<usize>> {
        let one = |client: &UdpSocket| {
            client.send_to(b"hello", there)?;
            reached(net, workers)
        };
        clients.iter().map(one).collect()
    };
    let first = ask(&workers)?;
    if net.knob("server:one-joins") {
        workers.push(join()?);
    }
    let second = ask(&workers)?;
    let left = usize::from(net.knob("server:one-leaves"));
    workers.drain(..left); // the first: so the others count from `left`
    let third: Vec<_> = ask(&workers)?.iter().map(|n| n + left).collect();

    let pairs = second.iter().zip(&third).filter(|(had, _)| **had >= left);
    let (stay, moved): (Vec<_>, Vec<_>) = pairs.partition(|(a, b)| a == b);
    net.on("server", || {
        net.observe("all stay", first == second)?;
        net.observe("others stay", moved.is_empty())?;
        let orphans = clients.len() - stay.len() - moved.len();
        net.measure("of the worker that left", orphans)?;
        net.measure("stayed", stay.len())?;
        net.measure("moved", moved.len())
    })
}
// ANCHOR_END: script

//! # A worker is busy
//!
//! **Question.** One of two workers is busy with a slow guest. Eight others
//! come. How many of them wait until it has finished?
//!
//! Nobody looks at a clock: the slow guest is served when the script says so,
//! and what has not been answered by then, waited.

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};

use crate::crew::{Crew, said};
use crate::guest::{ask, connect_from, group, queue, served_by, shares, work};
use crate::steer::{port_modulo, steer};
use crate::tally::Tally;

// ANCHOR: experiment
pub(crate) fn exclusive() -> Experiment {
    let question = "One listener for all, a worker is busy. Who waits?";
    let [none, other] = ["nobody waits", "the other worker serves all eight"];
    experiment("busy-exclusive", question, 1)
        .claim(none, |run| run.observed("server", "still waiting").is("0"))
        .claim(other, |run| {
            run.observed("client", "served by").is("1 1 1 1 1 1 1 1")
        })
        .what_if(
            "reuseport",
            option("server", "listeners", 2),
            fails([none, other]),
        )
}

pub(crate) fn reuseport() -> Experiment {
    let question = "A listener each, and a worker is busy. Who waits?";
    let [half, queue, rows, again] = [
        "four of eight wait",
        "they wait in the busy worker's queue",
        "ss -lt has a row for each listener, and one of them isn't empty",
        "it serves them when it has finished, and nobody else does",
    ];
    experiment("busy-reuseport", question, 2)
        .claim(half, |run| run.observed("server", "still waiting").is("4"))
        .claim(queue, |run| run.observed("server", "queues").is("4 0"))
        .claim(rows, |run| run.observed("server", "ss -lt").is("0 4"))
        .claim(again, |run| {
            run.observed("client", "served by").is("1 0 1 0 1 0 1 0")
        })
        .what_if(
            "one-listener",
            option("server", "listeners", 1),
            fails([half, queue, rows, again]),
        )
}

fn experiment(name: &str, question: &str, listeners: u8) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "listeners", listeners)
        .figure("who served the eight", |run| shares(run, "served by", 2))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listeners = group(net, net.number("server:listeners")? as usize)?;
    if let [first, _] = &listeners[..] {
        steer(first, &mut port_modulo(2))?; // even ports to listener 0
    }
    let mut crew = Crew::new();
    for n in 0..2 {
        let own = &listeners[n % listeners.len()];
        crew.hire(net, |desk| work(desk, own))?;
    }
    let slow = ask(net, connect_from(net, 40_000)?, b"S")?;
    crew.look(net)?; // worker 0 has it, and is busy
    let mut guests = Vec::new();
    let mut served = 0;
    for port in 40_001..=40_008 {
        guests.push(ask(net, connect_from(net, port)?, b"?")?);
        served += said(&crew.look(net)?, "served");
    }
    let mut tally = Tally::default();
    tally.add("server", "still waiting", 8 - served);
    for listener in &listeners {
        tally.add("server", "queues", queue(listener)?);
    }
    let rows = net.sockets("server")?.into_iter();
    let rows = rows.filter(|socket| socket.state == "LISTEN");
    let mut rows: Vec<u32> = rows.map(|socket| socket.recv_q).collect();
    rows.sort(); // ss has them in no order
    rows.iter().for_each(|q| tally.add("server", "ss -lt", q));
    crew.open(net, &[0])?;
    served_by(slow)?;
    for guest in guests {
        tally.add("client", "served by", served_by(guest)?);
    }
    tally.observe(net)
}
// ANCHOR_END: script

//! # Context switches: a process each, or one epoll
//!
//! **Question.** 20 connections, 10 rounds, and in each round a message on each
//! connection. How often does the server go to sleep?
//!
//! The 200 messages go over the server's own `lo`, which nobody captures.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, cable, fails, option, receive_queue, secs, send_queue,
};

use crate::crew::{Crew, said};
use crate::echo::{blocking, one_for_all, sleeps};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "200 messages. How often does the server go to sleep?";
    let [each, one] = [
        "a process for each connection: 200 times, once for each message",
        "one process, busy while a round comes: 10 times, once for each round",
    ];
    Experiment::new("switches", question)
        .link(cable("client", "server"))
        .script(script)
        .figure("how often the server went to sleep", sleeps)
        .within(secs(40)) // if others want the CPU, too
        .option("client", "one-by-one", false)
        .option("client", "rounds", 10)
        .claim(each, |run| run.observed("server", "a process each").is("200"))
        .claim(one, |run| run.observed("server", "one epoll").is("10"))
        .what_if(
            "one-by-one",
            option("client", "one-by-one", true),
            fails([one]),
        )
        .what_if(
            "five-rounds",
            option("client", "rounds", 5),
            fails([each, one]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind("127.0.0.1:7000"))?;
    let here = listener.local_addr()?;
    let mut pairs = Vec::new();
    for _ in 0..20 {
        let client = net.on("server", || TcpStream::connect(here))?;
        pairs.push((client, listener.accept()?.0));
    }
    let mut crew = Crew::new();
    for (_, server) in &pairs {
        crew.hire(net, |_| blocking(server))?;
    }
    let each = rounds(net, &mut crew, &pairs)?;
    drop(crew);
    let mut crew = Crew::new();
    crew.hire(net, |desk| one_for_all(desk, &pairs))?;
    let one = rounds(net, &mut crew, &pairs)?;
    net.on("server", || {
        net.observe("a process each", each)?;
        net.observe("one epoll", one)
    })
}

fn rounds(
    net: &Net,
    crew: &mut Crew,
    pairs: &[(TcpStream, TcpStream)],
) -> Result<u64> {
    let mut sleeps = 0;
    for _ in 0..net.number("client:rounds")? {
        for (mut client, server) in pairs.iter().map(|(c, s)| (c, s)) {
            client.write_all(b"?")?;
            net.until("it has come", || {
                // unread, or acknowledged with the answer
                let unread = crew.len() == 1 && receive_queue(server)? > 0;
                Ok(unread || send_queue(client)? == 0)
            })?;
            if crew.len() == 1 && net.knob("client:one-by-one") {
                sleeps += back_to_wait(net, crew)?;
            }
        }
        sleeps += back_to_wait(net, crew)?;
    }
    Ok(sleeps)
}

/// How often a worker went back to wait for a message. That one stops at a
/// gate is our doing, and not counted.
fn back_to_wait(net: &Net, crew: &mut Crew) -> Result<u64> {
    let busy = crew.look(net)?;
    let at_gate = said(&busy, "busy");
    let then = crew.open(net, &[0])?;
    let all = busy.iter().chain(&then).map(|look| look.sleeps).sum::<u64>();
    Ok(all - at_gate as u64)
}
// ANCHOR_END: script

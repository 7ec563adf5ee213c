//! # What blocking costs
//!
//! **Question.** A process is blocked in `read()` for a quarter of a second.
//! How much of a CPU does it use? And one that asks again and again instead?

use std::io::{ErrorKind::WouldBlock, Read};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, libc, ms, option};

use crate::crew::{Crew, Desk};
use crate::guest::{pair, say};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A process is blocked in read(). What CPU time does it use?";
    let [none, call] = [
        "a process that is blocked runs for 0 ns",
        "the kernel says in which call it sleeps",
    ];
    Experiment::new("blocked", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "polls", false)
        .claim(none, |run| run.observed("server", "ran").is("0 ns"))
        .claim(call, |run| run.observed("server", "sleeps in").is("recvfrom"))
        .what_if("polls", option("server", "polls", true), fails([none, call]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, server) = pair(net)?;
    let polls = net.knob("server:polls");
    server.set_nonblocking(polls)?;
    let mut crew = Crew::new();
    crew.hire(net, |desk| worker(desk, &server))?;
    crew.open_for(0)?;
    if !polls {
        crew.look(net)?; // it is in read() now
    }
    let before = crew.ran(0)?;
    net.quiet(ms(250), "nothing is sent")?;
    let ran = crew.ran(0)? - before;
    let call = match crew.call(0)? {
        Some(libc::SYS_recvfrom) => "recvfrom",
        Some(_) => "another call",
        None => "no call: it runs",
    };
    say(net, &client, b"x")?;
    crew.look(net)?;
    net.on("server", || {
        net.measure("ran, of 250 ms", format!("{ran:?}"))?;
        let none = ran.is_zero();
        net.observe("ran", if none { "0 ns" } else { "longer" })?;
        net.observe("sleeps in", call)
    })
}
// ANCHOR_END: script

// ANCHOR: worker
fn worker(desk: &Desk, mut server: &TcpStream) -> Result<()> {
    desk.gate("ready")?;
    loop {
        match server.read(&mut [0]) {
            Err(error) if error.kind() == WouldBlock => {} // ask again
            _ => break,
        }
    }
    desk.gate("read")
}
// ANCHOR_END: worker

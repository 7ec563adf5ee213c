//! # A listener for each worker
//!
//! **Question.** Four workers, each with a listener of its own on the same
//! port. A connection comes. How many are woken? Who decides which?

use std::io::{Read, Write};
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::crew::{Crew, Desk, said, woken};
use crate::guest::{connect_from, group, knock, serve, served_by, shares};
use crate::steer::{always, port_modulo, steer};
use crate::tally::Tally;
use crate::watch::{wait, watch};

// ANCHOR: experiment
pub(crate) fn hashed() -> Experiment {
    let question = "SO_REUSEPORT: how many does a connection wake?";
    let [one, eagain] = ["each wakes one worker", "nobody gets EAGAIN"];
    Experiment::new("reuseport", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "listeners", 4)
        .claim(one, |run| run.observed("server", "woken").is("1 1 1 1 1 1"))
        .claim(eagain, |run| run.observed("server", "EAGAIN").is("0 0 0 0 0 0"))
        .what_if(
            "one-listener",
            option("server", "listeners", 1),
            fails([one, eagain]),
        )
}

pub(crate) fn steered() -> Experiment {
    let question = "Who decides which listener gets a connection?";
    let port = "the client's port modulo 4 is the listener's number";
    Experiment::new("reuseport-steered", question)
        .link(cable("client", "server"))
        .script(steered_script)
        .option("server", "program", "port-modulo-4")
        .figure("who served", |run| shares(run, "served by", 4))
        .claim(port, |run| {
            run.observed("client", "served by").is("0 1 2 3 0 1 2 3")
        })
        .what_if(
            "always-2",
            option("server", "program", "always-2"),
            fails([port]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listeners = group(net, net.number("server:listeners")? as usize)?;
    let mut crew = Crew::new();
    for n in 0..4 {
        let own = &listeners[n % listeners.len()];
        crew.hire(net, |desk| worker(desk, own, true))?;
    }
    let mut tally = Tally::default();
    for _ in 0..6 {
        let mut guest = knock(net)?;
        tally.add("server", "woken", woken(&crew.look(net)?));
        let then = crew.open(net, &[0, 1, 2, 3])?;
        tally.add("server", "EAGAIN", said(&then, "EAGAIN"));
        guest.read_exact(&mut [0])?; // who it was, a hash decides
    }
    tally.observe(net)
}

fn worker(desk: &Desk, listener: &TcpListener, secret: bool) -> Result<()> {
    let epoll = watch(listener, EpollFlags::EPOLLIN)?;
    loop {
        wait(&epoll)?;
        desk.gate("woken")?;
        match listener.accept() {
            Ok((mut guest, _)) if secret => guest.write_all(b"!")?,
            Ok((guest, _)) => serve(desk, guest)?,
            Err(_) => desk.say("EAGAIN")?,
        }
    }
}
// ANCHOR_END: script

// ANCHOR: steered
fn steered_script(net: &Net) -> Result<()> {
    let listeners = group(net, 4)?;
    match net.value("server:program").as_deref() {
        Some("always-2") => steer(&listeners[0], &mut always(2))?,
        _ => steer(&listeners[0], &mut port_modulo(4))?, // for all four
    }
    let mut crew = Crew::new();
    for own in &listeners {
        crew.hire(net, |desk| worker(desk, own, false))?;
    }
    let mut tally = Tally::default();
    for port in 40_000..40_008 {
        let guest = connect_from(net, port)?;
        let guest = crate::guest::ask(net, guest, b"?")?;
        crew.look(net)?;
        crew.open(net, &[0, 1, 2, 3])?;
        tally.add("client", "served by", served_by(guest)?);
    }
    tally.observe(net)
}
// ANCHOR_END: steered

//! # An epoll descriptor for each worker
//!
//! **Question.** Four workers wait for the same listener, each in an
//! `epoll_wait()` of its own, level or edge triggered. One connection comes.
//! How many are woken, and what do they find?
//!
//! Each is stopped as soon as `epoll_wait()` has returned, so that nobody can
//! accept before the last one has looked.

use std::io::ErrorKind::WouldBlock;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::{
    Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout,
};

use crate::crew::{Crew, Desk, said, woken};
use crate::guest::{herd, knock, listener, serve, served_by};
use crate::tally::Tally;
use crate::watch::RETURNED;

// ANCHOR: experiment
pub(crate) fn level() -> Experiment {
    let question = "Level triggered, an epoll each. How many are woken?";
    experiment("own-level", question, false)
}

pub(crate) fn edge() -> Experiment {
    let question = "Edge triggered, an epoll each. How many are woken?";
    experiment("own-edge", question, true)
}

fn experiment(name: &str, question: &str, edge: bool) -> Experiment {
    let [woken, returned, eagain] = [
        "the kernel wakes all four for one connection",
        "epoll_wait() returns in all four",
        "accept() gives three of them EAGAIN",
    ];
    let three = [woken, returned, eagain];
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .figure("three connections, four workers", herd)
        .option("server", "edge", edge)
        .option("server", "exclusive", false)
        .claim(woken, |run| run.observed("server", "woken").is("4 4 4"))
        .claim(returned, |run| run.observed("server", RETURNED).is("4 4 4"))
        .claim(eagain, |run| run.observed("server", "EAGAIN").is("3 3 3"))
        .what_if("exclusive", option("server", "exclusive", true), fails(three))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    how.set(EpollFlags::EPOLLEXCLUSIVE, net.knob("server:exclusive"));
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| worker(desk, &listener, how))?;
    }
    let mut tally = Tally::default();
    for _ in 0..3 {
        let guest = knock(net)?;
        let looks = crew.look(net)?; // all who were woken stand at the gate
        let then = crew.open(net, &[0, 1, 2, 3])?;
        tally.add("server", "woken", woken(&looks));
        tally.add("server", RETURNED, said(&looks, RETURNED));
        tally.add("server", "EAGAIN", said(&then, "EAGAIN"));
        tally.add("client", "served by", served_by(guest)?);
    }
    tally.observe(net)
}
// ANCHOR_END: script

// ANCHOR: worker
fn worker(desk: &Desk, listener: &TcpListener, how: EpollFlags) -> Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    epoll.add(listener, EpollEvent::new(how, 0))?;
    loop {
        epoll.wait(&mut [EpollEvent::empty()], EpollTimeout::NONE)?;
        desk.gate(RETURNED)?;
        match listener.accept() {
            Ok((guest, _)) => serve(desk, guest)?,
            Err(e) if e.kind() == WouldBlock => desk.say("EAGAIN")?,
            Err(e) => return Err(e.into()),
        }
    }
}
// ANCHOR_END: worker

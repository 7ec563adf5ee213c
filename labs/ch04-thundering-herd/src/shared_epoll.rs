//! # One epoll descriptor for all workers
//!
//! **Question.** The server made its epoll descriptor before it forked, so all
//! four workers sleep in `epoll_wait()` on the same one. How many of them does
//! a connection wake?

use std::io::ErrorKind::WouldBlock;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::{Epoll, EpollEvent, EpollFlags};

use crate::crew::{Crew, Desk, said, woken};
use crate::guest::{herd, knock, listener, serve, served_by};
use crate::tally::Tally;
use crate::watch::{RETURNED, wait, watch};

// ANCHOR: experiment
pub(crate) fn level() -> Experiment {
    let question = "Level triggered, one epoll for all. How many are woken?";
    let [all, eagain] = ["all four are woken", "three of them get EAGAIN"];
    experiment("shared-level", question, "level")
        .claim(all, |run| run.observed("server", "woken").is("4 4 4"))
        .claim(eagain, |run| run.observed("server", "EAGAIN").is("3 3 3"))
        .what_if("edge", option("server", "mode", "edge"), fails([all, eagain]))
}

pub(crate) fn edge() -> Experiment {
    let question = "Edge triggered, one epoll for all. How many are woken?";
    only_one(experiment("shared-edge", question, "edge"))
}

pub(crate) fn oneshot() -> Experiment {
    let question = "EPOLLONESHOT, one epoll for all. How many are woken?";
    only_one(experiment("shared-oneshot", question, "oneshot"))
}

fn only_one(experiment: Experiment) -> Experiment {
    let [one, eagain] = ["one worker is woken", "nobody gets EAGAIN"];
    experiment
        .claim(one, |run| run.observed("server", "woken").is("1 1 1"))
        .claim(eagain, |run| run.observed("server", "EAGAIN").is("0 0 0"))
        .what_if(
            "level",
            option("server", "mode", "level"),
            fails([one, eagain]),
        )
}

fn experiment(name: &str, question: &str, mode: &str) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .figure("three connections, four workers", herd)
        .option("server", "mode", mode)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let how = EpollFlags::EPOLLIN
        | match net.value("server:mode").as_deref() {
            Some("edge") => EpollFlags::EPOLLET,
            Some("oneshot") => EpollFlags::EPOLLONESHOT,
            _ => EpollFlags::empty(),
        };
    let epoll = watch(&listener, how)?; // before the forks
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| worker(desk, &epoll, &listener, how))?;
    }
    let mut tally = Tally::default();
    for _ in 0..3 {
        let guest = knock(net)?;
        let looks = crew.look(net)?;
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
pub(crate) fn worker(
    desk: &Desk,
    epoll: &Epoll,
    listener: &TcpListener,
    how: EpollFlags,
) -> Result<()> {
    loop {
        wait(epoll)?;
        desk.gate(RETURNED)?;
        match listener.accept() {
            Ok((guest, _)) => serve(desk, guest)?,
            Err(e) if e.kind() == WouldBlock => desk.say("EAGAIN")?,
            Err(e) => return Err(e.into()),
        }
        if how.contains(EpollFlags::EPOLLONESHOT) {
            // one event disarms it, for all of us
            epoll.modify(listener, &mut EpollEvent::new(how, 0))?;
        }
    }
}
// ANCHOR_END: worker

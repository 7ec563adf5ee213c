//! # EPOLLEXCLUSIVE
//!
//! **Question.** Three workers, an epoll descriptor each, and all of them add
//! the listener with `EPOLLEXCLUSIVE`. A connection wakes one. Which one?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Finding, Knob, Net, cable, fails, option};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

use crate::crew::{Crew, Desk, woken};
use crate::guest::{knock, listener, serve, served_by, shares};
use crate::tally::Tally;
use crate::watch::wait;

// ANCHOR: experiment
const ONE: &str = "each connection wakes one worker";

pub(crate) fn first() -> Experiment {
    let [first, zero] = [
        "the first to have registered gets every connection",
        "that is worker 0",
    ];
    experiment("exclusive", "EPOLLEXCLUSIVE wakes one worker. Which?", false)
        .claim(first, |run| {
            let order = &run.options["server:order"];
            served(run, &[&order[..1]; 6].join(" "))
        })
        .claim(zero, |run| served(run, "0 0 0 0 0 0"))
        .what_if("registered-102", set("order", "102"), fails([zero]))
        .what_if("registered-210", set("order", "210"), fails([zero]))
        .what_if("plain", set("flag", "off"), fails([ONE, first, zero]))
}

pub(crate) fn rotated() -> Experiment {
    let question = "What if a worker registers anew after each connection?";
    let turn = "the workers take turns";
    experiment("exclusive-rotated", question, true)
        .claim(turn, |run| served(run, "0 1 2 0 1 2"))
        .what_if("stays", set("rotate", "off"), fails([turn]))
        .what_if("plain", set("flag", "off"), fails([ONE, turn]))
}

fn set(key: &str, value: &str) -> Knob {
    option("server", key, value)
}

fn served(run: &Evidence, wanted: &str) -> Finding {
    run.observed("client", "served by").is(wanted)
}

fn experiment(name: &str, question: &str, rotate: bool) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .figure("who served", |run| shares(run, "served by", 3))
        .option("server", "order", "012")
        .option("server", "flag", true)
        .option("server", "rotate", rotate)
        .claim(ONE, |run| run.observed("server", "woken").is("1 1 1 1 1 1"))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLEXCLUSIVE, net.knob("server:flag"));
    let rotate = net.knob("server:rotate");
    let mut crew = Crew::new();
    for _ in 0..3 {
        crew.hire(net, |desk| worker(desk, &listener, how, rotate))?;
    }
    let order = net.value("server:order").unwrap_or_default();
    let order = order.bytes().map(|digit| usize::from(digit - b'0'));
    crew.open(net, &order.collect::<Vec<_>>())?;
    let mut tally = Tally::default();
    for _ in 0..6 {
        let guest = knock(net)?;
        tally.add("server", "woken", woken(&crew.look(net)?));
        crew.open(net, &[2, 1, 0])?;
        tally.add("client", "served by", served_by(guest)?);
    }
    tally.observe(net)
}
// ANCHOR_END: script

// ANCHOR: worker
fn worker(
    desk: &Desk,
    listener: &TcpListener,
    how: EpollFlags,
    rotate: bool,
) -> Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::empty())?;
    desk.gate("not yet registered")?;
    epoll.add(listener, EpollEvent::new(how, 0))?;
    loop {
        wait(&epoll)?;
        desk.gate("woken")?;
        let Ok((guest, _)) = listener.accept() else { continue };
        serve(desk, guest)?;
        if rotate {
            epoll.delete(listener)?;
            epoll.add(listener, EpollEvent::new(how, 0))?;
        }
    }
}
// ANCHOR_END: worker

//! # Edge without draining
//!
//! **Question.** A worker accepts one connection for each edge triggered event.
//! Four guests come while it is busy. When is the fourth served?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, receive_queue};
use nix::sys::epoll::EpollFlags;

use crate::crew::{Crew, Desk};
use crate::guest::{all_served, knock, listener, part, queue, serve};
use crate::tally::Tally;
use crate::watch::{wait, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One accept() for each edge. When is everybody served?";
    let [sleeps, pushes] = [
        "two of four are served, two wait, and the worker sleeps",
        "each new guest lets an old one in: two still wait",
    ];
    Experiment::new("edge-undrained", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script()
        .option("server", "edge", true)
        .option("server", "drains", false)
        .claim(sleeps, |run| {
            let served = run.observed("server", "served of four").is("2");
            served.and(run.observed("server", "in the queue").is("2"))
        })
        .claim(pushes, |run| {
            let queue = run.observed("server", "after another guest");
            let new = run.observed("client", "the new ones are served");
            queue.is("2 2").and(new.is("false false"))
        })
        .what_if(
            "level",
            option("server", "edge", false),
            fails([sleeps, pushes]),
        )
        .what_if(
            "drains",
            option("server", "drains", true),
            fails([sleeps, pushes]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    let drains = net.knob("server:drains");
    let mut crew = Crew::new();
    crew.hire(net, |desk| worker(desk, &listener, how, drains))?;
    let mut guests = Vec::new();
    for _ in 0..4 {
        guests.push(knock(net)?);
        crew.look(net)?; // it was woken by the first, and is busy since
    }
    let mut tally = Tally::default();
    tally.add("server", "served of four", all_served(net, &mut crew)?);
    tally.add("server", "in the queue", queue(&listener)?);
    for _ in 0..2 {
        guests.push(knock(net)?);
        crew.look(net)?;
        all_served(net, &mut crew)?;
        tally.add("server", "after another guest", queue(&listener)?);
    }
    for guest in &guests[4..] {
        let answered = receive_queue(guest)? > 0;
        tally.add("client", "the new ones are served", answered);
    }
    tally.observe(net)?;
    part(net, guests)
}
// ANCHOR_END: script

// ANCHOR: worker
fn worker(
    desk: &Desk,
    listener: &TcpListener,
    how: EpollFlags,
    drains: bool,
) -> Result<()> {
    let epoll = watch(listener, how)?;
    loop {
        wait(&epoll)?;
        desk.gate("woken")?;
        while let Ok((guest, _)) = listener.accept() {
            serve(desk, guest)?;
            if !drains {
                break;
            }
        }
    }
}
// ANCHOR_END: worker

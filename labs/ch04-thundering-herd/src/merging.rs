//! # When events merge
//!
//! **Question.** A worker waits for a stream and never reads from it. Five
//! bytes come, one by one. How often does `epoll_wait()` return? And if five
//! more come while it isn't waiting?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::crew::{Crew, Look, said};
use crate::guest::{pair, say};
use crate::tally::Tally;
use crate::watch::{wait, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Five bytes, and nobody reads. How many events?";
    let [five, once, one] = [
        "five bytes for a worker that waits are five events",
        "between two bytes, epoll_wait() doesn't return",
        "five bytes for a worker that is busy are one event",
    ];
    Experiment::new("edge-merging", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "edge", true)
        .claim(five, |run| run.observed("server", "a byte").is("1 1 1 1 1"))
        .claim(once, |run| {
            run.observed("server", "waits again").is("0 0 0 0 0")
        })
        .claim(one, |run| run.observed("server", "was busy").is("1 0"))
        .what_if(
            "level",
            option("server", "edge", false),
            fails([five, once, one]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, server) = pair(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    let mut crew = Crew::new();
    crew.hire(net, |desk| {
        let epoll = watch(&server, how)?;
        desk.gate("not yet waiting")?;
        loop {
            wait(&epoll)?;
            desk.gate("returned")?; // and reads nothing
        }
    })?;
    let returned = |looks: Vec<Look>| said(&looks, "returned");
    crew.open(net, &[0])?;
    let mut tally = Tally::default();
    for _ in 0..5 {
        say(net, &client, b"x")?;
        tally.add("server", "a byte", returned(crew.look(net)?));
        let again = crew.open(net, &[0])?;
        tally.add("server", "waits again", returned(again));
    }
    say(net, &client, b"y")?; // the worker returns, and is busy
    crew.look(net)?;
    for _ in 0..5 {
        say(net, &client, b"z")?;
    }
    for _ in 0..2 {
        let again = crew.open(net, &[0])?;
        tally.add("server", "was busy", returned(again));
    }
    tally.observe(net)
}
// ANCHOR_END: script

//! # Last in, first out
//!
//! **Question.** Four workers sleep on one epoll descriptor, edge triggered, so
//! that a connection wakes one of them. Which one?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::crew::Crew;
use crate::guest::{knock, listener, served_by, shares};
use crate::shared_epoll::worker;
use crate::tally::Tally;
use crate::watch::watch;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four workers sleep on one epoll. Which one is woken?";
    let [last, newest] = [
        "the last to have called epoll_wait() gets every connection",
        "when all come back from work, the last to come back gets the next",
    ];
    Experiment::new("last-in", question)
        .link(cable("client", "server"))
        .script(script)
        .figure("who served", |run| shares(run, "alone, served by", 4))
        .option("server", "edge", true)
        .claim(last, |run| {
            run.observed("client", "alone, served by").is("3 3 3")
        })
        .claim(newest, |run| run.observed("client", "then, by").is("2 2"))
        .what_if(
            "level",
            option("server", "edge", false),
            fails([last, newest]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    let epoll = watch(&listener, how)?; // before the forks
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| worker(desk, &epoll, &listener, how))?;
    }
    let mut tally = Tally::default();
    let mut alone = |crew: &mut Crew, key: &str| -> Result<()> {
        let guest = knock(net)?;
        crew.look(net)?;
        crew.open(net, &[0, 1, 2, 3])?;
        tally.add("client", key, served_by(guest)?);
        Ok(())
    };
    for _ in 0..3 {
        alone(&mut crew, "alone, served by")?;
    }
    // Four guests before anybody has served one: everybody is at work.
    let mut guests = Vec::new();
    for _ in 0..4 {
        guests.push(knock(net)?);
        crew.look(net)?; // or two guests may become one event
    }
    crew.open(net, &[0, 3, 1, 2])?; // and comes back, 2 as the last
    for guest in guests {
        served_by(guest)?;
    }
    for _ in 0..2 {
        alone(&mut crew, "then, by")?;
    }
    tally.observe(net)
}
// ANCHOR_END: script

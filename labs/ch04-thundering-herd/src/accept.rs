//! # Blocked in `accept()`
//!
//! **Question.** Four processes sleep in `accept()` on one listener. A
//! connection comes. How many wake up? Who gets it, and who the next?

use std::net::TcpListener;
use std::os::fd::AsFd;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use crate::crew::{Crew, Desk, woken};
use crate::guest::{knock, listener, serve, served_by, shares};
use crate::tally::Tally;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Four processes are blocked in accept(). Who wakes up?";
    let [one, turn] = [
        "each connection wakes one worker",
        "the workers take turns, in the order in which they came",
    ];
    Experiment::new("accept", question)
        .link(cable("client", "server"))
        .script(script)
        .figure("who served", |run| shares(run, "served by", 4))
        .option("server", "polls", false)
        .claim(one, |run| run.observed("server", "woken").is("1 1 1 1 1 1 1 1"))
        .claim(turn, |run| {
            run.observed("client", "served by").is("0 1 2 3 0 1 2 3")
        })
        .what_if("poll", option("server", "polls", true), fails([one, turn]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    listener.set_nonblocking(false)?;
    let polls = net.knob("server:polls");
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| worker(desk, &listener, polls))?;
    }
    let mut tally = Tally::default();
    for _ in 0..8 {
        let guest = knock(net)?;
        let looks = crew.look(net)?;
        crew.open(net, &[3, 2, 1, 0])?;
        tally.add("server", "woken", woken(&looks));
        tally.add("client", "served by", served_by(guest)?);
    }
    tally.observe(net)
}
// ANCHOR_END: script

// ANCHOR: worker
fn worker(desk: &Desk, listener: &TcpListener, polls: bool) -> Result<()> {
    loop {
        if polls {
            // poll() says that there is a connection, and nobody has it yet
            let mut fds = [PollFd::new(listener.as_fd(), PollFlags::POLLIN)];
            poll(&mut fds, PollTimeout::NONE)?;
            desk.gate("poll returned")?;
        }
        let (guest, _) = listener.accept()?;
        serve(desk, guest)?;
    }
}
// ANCHOR_END: worker

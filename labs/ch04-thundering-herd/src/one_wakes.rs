//! # Exercise: wake one
//!
//! The answer plays a server with four workers on one port. The kernel counts
//! who is woken for a guest; nobody asks the workers.

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Guest, Net, cable, secs,
};

use crate::visits::{Visits, served};

const GUESTS: usize = 8;
const OTHERS: usize = 6;
const SERVED: &str = "eight guests, one after another, are served";
const ONE: &str = "each of them wakes one worker";
const FREE: &str =
    "while three are busy the fourth serves, and nobody is queued";

pub(crate) fn exercise() -> Exercise {
    let question = "Four workers, one guest. Who has to get up?";
    let experiment = Experiment::new("one-wakes", question)
        .link(cable("client", "server"))
        .script(script)
        .answered_by("server")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("Wake one, not all", experiment)
        .rule(3, SERVED, HINTS[0], |run| served(run, "one by one", GUESTS))
        .rule(4, ONE, HINTS[1], |run| {
            let once = ["1"; GUESTS].join(" ");
            run.observed("server", "woken, one by one").is(&once)
        })
        .rule(3, FREE, HINTS[2], |run| {
            let queue = run.observed("server", "in a queue").is("0");
            served(run, "beside three", OTHERS).and(queue).and(four(run))
        })
        .starter_breaks(ONE)
        .wrong("edge", ONE)
        .wrong("reuseport", FREE)
        .wrong("one-worker", FREE)
}

const HINTS: [[&str; 3]; 3] = [
    [
        "What does a guest send, and what does he want to be told?",
        "One byte comes, `?`; the worker's number goes back, `0` to `3`, and \
         the connection is closed.",
        "Go back to the starter: this works there. Change how it waits.",
    ],
    [
        "Count: for each guest, how many of your workers are woken? EAGAIN \
         doesn't tell; it counts only those who lost a race.",
        "Each worker's epoll is an entry of its own in the listener's wait \
         queue, and the kernel calls all of them. Edge triggering changes \
         when, not how many.",
        "epoll_ctl(2): add the listener with EPOLLEXCLUSIVE.",
    ],
    [
        "Three guests are connected and silent. Where does the next one wait?",
        "If the workers share one queue, whoever is free takes the next. If \
         each has a queue, somebody waits behind a busy worker.",
        "Four workers, 0 to 3, and one listener: no SO_REUSEPORT.",
    ],
];

/// The three who were silent have been told three numbers, and whoever came
/// meanwhile the fourth.
fn four(run: &Evidence) -> Finding {
    let said = ["the three", "beside three"]
        .map(|key| run.observed("client", key).text().to_string());
    let mut all: Vec<&str> = said.iter().flat_map(|s| s.split(' ')).collect();
    all.sort();
    all.dedup();
    let wanted = "four workers in all: 0 1 2 3";
    Finding::new(all == ["0", "1", "2", "3"], wanted, all.join(" "))
}

fn script(net: &Net) -> Result<()> {
    let mut visits = Visits::begin(net)?;
    for _ in 0..GUESTS {
        visits.visit("one by one")?;
    }
    let silent = || Guest::call(net, "client", visits.here, b"");
    let silent = [silent()?, silent()?, silent()?];
    for _ in 0..OTHERS {
        visits.visit("beside three")?;
    }
    let sockets = net.sockets("server")?.into_iter();
    let listeners = sockets.filter(|s| s.state == "LISTEN");
    let waiting: u32 = listeners.map(|s| s.recv_q).sum();
    net.on("server", || net.observe("in a queue", waiting))?;
    let mut told = Vec::new();
    for mut guest in silent {
        guest.says(net, b"?")?;
        told.push(guest.told());
    }
    net.on("client", || net.observe("the three", told.join(" ")))?;
    visits.observe()
}

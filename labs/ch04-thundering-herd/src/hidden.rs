//! # The herd that you can't see
//!
//! **Question.** Four workers sleep in `epoll_wait()`; a fifth, the script, is
//! quick and has accepted the connection before they have looked. What do the
//! four see? And what does the kernel count?
//!
//! Guests come over the server's own `lo`, which nobody captures. One whom a
//! worker noticed in time is left out, and another comes.

use std::net::TcpListener;

use anyhow::{Result, bail};
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;
use socket2::{Domain, Socket, Type};

use crate::crew::{Cpus, Crew, Look, be_polite, said, woken};
use crate::guest::{ask, herd};
use crate::shared_epoll::worker;
use crate::tally::Tally;
use crate::watch::{RETURNED, watch};

// ANCHOR: experiment
pub(crate) fn own() -> Experiment {
    let question = "Somebody else was quicker. What do the other four notice?";
    let [none, all] = [
        "epoll_wait() returns in none of them",
        "all four were woken, and went to sleep again",
    ];
    experiment("hidden-own", question, false)
        .claim(none, |run| run.observed("server", RETURNED).is("0 0 0"))
        .claim(all, |run| run.observed("server", "woken").is("4 4 4"))
        .what_if("exclusive", option("server", "exclusive", true), fails([all]))
        .what_if("slow", option("server", "slow", true), fails([none]))
}

pub(crate) fn shared() -> Experiment {
    let question = "And if the four sleep on one epoll descriptor?";
    let one = "only one is woken: it would have woken the next";
    experiment("hidden-shared", question, true)
        .claim(one, |run| run.observed("server", "woken").is("1 1 1"))
        .what_if("slow", option("server", "slow", true), fails([one]))
}

fn experiment(name: &str, question: &str, shared: bool) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .figure("three connections, four workers", herd)
        .option("server", "shared", shared)
        .option("server", "exclusive", false)
        .option("server", "slow", false)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind("127.0.0.1:7000"))?;
    listener.set_nonblocking(true)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLEXCLUSIVE, net.knob("server:exclusive"));
    let one = net.knob("server:shared").then(|| watch(&listener, how));
    let one = one.transpose()?;
    let cpus = Cpus::split()?;
    cpus.work()?; // all workers on one CPU
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| {
            be_polite()?;
            match &one {
                Some(epoll) => worker(desk, epoll, &listener, how),
                None => worker(desk, &watch(&listener, how)?, &listener, how),
            }
        })?;
    }
    let mut tally = Tally::default();
    for _ in 0..3 {
        let looks = a_guest(net, &mut crew, &listener, &cpus)?;
        tally.add("server", RETURNED, said(&looks, RETURNED));
        tally.add("server", "woken", woken(&looks));
        tally.add("server", "EAGAIN", said(&looks, "EAGAIN"));
    }
    tally.observe(net)
}

/// What the workers did about a guest whom the script accepted.
fn a_guest(
    net: &Net,
    crew: &mut Crew,
    listener: &TcpListener,
    cpus: &Cpus,
) -> Result<Vec<Look>> {
    let (to, slow) = (listener.local_addr()?, net.knob("server:slow"));
    for attempt in 0..200 {
        cpus.be_quick(attempt)?;
        let socket = || Socket::new(Domain::IPV4, Type::STREAM, None);
        let guest = net.on("server", socket)?;
        guest.connect(&to.into())?;
        let quick = if slow { None } else { listener.accept().ok() };
        let _guest = ask(net, guest.into(), b"?")?;
        let looks = crew.look(net)?;
        let _late = listener.accept();
        crew.open(net, &[0, 1, 2, 3])?; // those who had noticed go on
        if slow || (quick.is_some() && said(&looks, RETURNED) == 0) {
            return Ok(looks);
        }
    }
    bail!("a worker was quicker than the script, 200 times of 200")
}
// ANCHOR_END: script

//! # The herd that you can't see
//!
//! **Question.** Four workers sleep in `epoll_wait()`; a fifth, the script, is
//! quick and has accepted the connection before they have looked. What do the
//! four see? And what does the kernel count?
//!
//! The guests come over the server's own `lo`, which nobody captures: a guest
//! whom a worker noticed in time is left out, and another one comes.

use std::net::{TcpListener, TcpStream};

use anyhow::{Result, bail};
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
use nix::sys::epoll::EpollFlags;
use nix::unistd::Pid;

use crate::crew::{Crew, Look, be_polite, said, woken};
use crate::guest::ask;
use crate::shared_epoll::worker;
use crate::tally::Tally;
use crate::watch::watch;

const RETURNED: &str = "epoll_wait returned";

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
    let one = watch(&listener, how)?;
    let shared = net.knob("server:shared");
    // All on one CPU, and the workers polite: the script has a head start.
    let mut cpu = CpuSet::new();
    cpu.set(sched_getcpu()?)?;
    sched_setaffinity(Pid::this(), &cpu)?;
    let mut crew = Crew::new();
    for _ in 0..4 {
        crew.hire(net, |desk| {
            be_polite()?;
            match shared {
                true => worker(desk, &one, &listener, how),
                false => worker(desk, &watch(&listener, how)?, &listener, how),
            }
        })?;
    }
    let mut tally = Tally::default();
    for _ in 0..3 {
        let looks = a_guest(net, &mut crew, &listener)?;
        tally.add("server", RETURNED, said(&looks, RETURNED));
        tally.add("server", "woken", woken(&looks));
    }
    tally.observe(net)
}

/// What the workers did about a guest whom the script accepted.
fn a_guest(
    net: &Net,
    crew: &mut Crew,
    listener: &TcpListener,
) -> Result<Vec<Look>> {
    for _ in 0..100 {
        let slow = net.knob("server:slow");
        let to = listener.local_addr()?;
        let guest = net.on("server", || TcpStream::connect(to))?;
        let quick = if slow { None } else { listener.accept().ok() };
        let _guest = ask(net, guest, b"?")?;
        let looks = crew.look(net)?;
        let late = listener.accept();
        crew.open(net, &[0, 1, 2, 3])?; // whoever stands there: nobody is left
        let noticed = said(&looks, RETURNED) > 0;
        if slow || (quick.is_some() && !noticed) {
            return Ok(looks);
        }
        drop(late);
    }
    bail!("a worker was quicker than the script, 100 times of 100")
}
// ANCHOR_END: script

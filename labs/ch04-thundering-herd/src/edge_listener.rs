//! # Edge, on a listener
//!
//! **Question.** Connections come and nobody accepts them. Which of them does
//! an edge triggered `epoll_wait()` report? And after one of four is accepted?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Finding, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::guest::{knock, listener, queue};
use crate::watch::{look, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody accepts. Which connections are reported?";
    let [each, two, rest] = [
        "a second connection is reported, though the first was not accepted",
        "two that come between two looks are one event",
        "after one accept() of four, three wait and it says nothing",
    ];
    Experiment::new("edge-listener", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script()
        .option("server", "edge", true)
        .option("server", "drains", false)
        .option("client", "second", true)
        .claim(each, |run| {
            let first = saw(run, "a connection", "IN");
            first.and(saw(run, "a second", "IN"))
        })
        .claim(two, |run| {
            let once = saw(run, "a third and a fourth", "IN");
            once.and(saw(run, "asked again", "-"))
        })
        .claim(rest, |run| {
            let silent = saw(run, "after accept()", "-");
            silent.and(saw(run, "still wait", "3"))
        })
        .what_if("level", option("server", "edge", false), fails([two, rest]))
        .what_if("drains", option("server", "drains", true), fails([rest]))
        .what_if(
            "no-second",
            option("client", "second", false),
            fails([each, rest]),
        )
}

fn saw(run: &Evidence, when: &str, wanted: &str) -> Finding {
    run.observed("server", when).is(wanted)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    let epoll = watch(&listener, how)?;
    let ask = |when| net.on("server", || net.observe(when, look(&epoll)?));

    net.keep(knock(net)?);
    ask("a connection")?;
    if net.knob("client:second") {
        net.keep(knock(net)?);
    }
    ask("a second")?;
    net.keep(knock(net)?);
    net.keep(knock(net)?);
    ask("a third and a fourth")?;
    ask("asked again")?;
    accept(net, &listener)?;
    ask("after accept()")?;
    net.on("server", || net.observe("still wait", queue(&listener)?))
}

/// One connection, or until there is none: what edge triggering asks for.
fn accept(net: &Net, listener: &TcpListener) -> Result<()> {
    while let Ok((guest, _)) = listener.accept() {
        net.keep(guest);
        if !net.knob("server:drains") {
            break;
        }
    }
    Ok(())
}
// ANCHOR_END: script

//! # What an edge triggered event says
//!
//! **Question.** Data was reported and not read. Can a program be told again
//! without a new byte? And what else does an event report: only what changed?

use std::net::Shutdown;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::{EpollEvent, EpollFlags};
use socket2::SockRef;

use crate::guest::{pair, say};
use crate::watch::{look, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What does an edge triggered event report, and when again?";
    let [again, both, errors] = [
        "EPOLL_CTL_MOD reports once more what is still there",
        "an event reports all that is ready, not only what changed",
        "a RST is reported to who asked for nothing",
    ];
    Experiment::new("edge-report", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "modifies", true)
        .option("server", "asks-for-out", true)
        .option("client", "resets", true)
        .claim(both, |run| {
            let before = run.observed("server", "no data yet").is("OUT");
            before.and(run.observed("server", "a byte").is("IN OUT"))
        })
        .claim(again, |run| {
            let silent = run.observed("server", "asked again").is("-");
            silent.and(run.observed("server", "after MOD").contains("IN"))
        })
        .claim(errors, |run| {
            run.observed("server", "asked for nothing").is("ERR HUP")
        })
        .what_if("no-mod", option("server", "modifies", false), fails([again]))
        .what_if(
            "only-in",
            option("server", "asks-for-out", false),
            fails([both]),
        )
        .what_if("fin", option("client", "resets", false), fails([errors]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, server) = pair(net)?;
    let mut how = EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
    how.set(EpollFlags::EPOLLOUT, net.knob("server:asks-for-out"));
    let epoll = watch(&server, how)?;
    let ask = |when| net.on("server", || net.observe(when, look(&epoll)?));

    ask("no data yet")?;
    say(net, &client, b"a")?;
    ask("a byte")?;
    ask("asked again")?;
    if net.knob("server:modifies") {
        epoll.modify(&server, &mut EpollEvent::new(how, 0))?; // no change
    }
    ask("after MOD")?;
    epoll.modify(&server, &mut EpollEvent::new(EpollFlags::empty(), 0))?;
    if net.knob("client:resets") {
        SockRef::from(&client).set_linger(Some(Duration::ZERO))?;
        drop(client); // a RST
        net.until("the RST is there", || {
            Ok(lab_kit::tcp_state(&server)? == "CLOSED")
        })?;
    } else {
        client.shutdown(Shutdown::Write)?; // a FIN
        net.until_state("server", "CLOSE-WAIT")?;
    }
    ask("asked for nothing")
}
// ANCHOR_END: script

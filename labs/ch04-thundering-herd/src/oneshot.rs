//! # EPOLLONESHOT
//!
//! **Question.** With `EPOLLONESHOT` an event is reported once. And new data,
//! after that? And the data of which nobody was told?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::{EpollEvent, EpollFlags};

use crate::guest::{pair, say};
use crate::watch::{look, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "After one event: silence, even for new data?";
    let [silent, armed] = [
        "after one event, new data is not reported",
        "EPOLL_CTL_MOD arms it again, and what is there is reported",
    ];
    Experiment::new("oneshot", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "oneshot", true)
        .option("server", "arms", true)
        .claim(silent, |run| {
            let first = run.observed("server", "a byte").is("IN");
            first.and(run.observed("server", "a second byte").is("-"))
        })
        .claim(armed, |run| run.observed("server", "armed again").is("IN"))
        .what_if("level", option("server", "oneshot", false), fails([silent]))
        .what_if("stays-off", option("server", "arms", false), fails([armed]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, server) = pair(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLONESHOT, net.knob("server:oneshot"));
    let epoll = watch(&server, how)?;
    let ask = |when| net.on("server", || net.observe(when, look(&epoll)?));

    say(net, &client, b"a")?;
    ask("a byte")?;
    say(net, &client, b"b")?;
    ask("a second byte")?;
    if net.knob("server:arms") {
        epoll.modify(&server, &mut EpollEvent::new(how, 0))?;
    }
    ask("armed again")
}
// ANCHOR_END: script

//! # What epoll_ctl() refuses
//!
//! **Question.** Which calls with `EPOLLEXCLUSIVE` fail? And what does adding a
//! descriptor twice do?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};

use crate::guest::listener;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What does epoll_ctl() refuse?";
    let [twice, modify, with, epoll] = [
        "adding a descriptor twice is EEXIST",
        "an exclusive entry can't be modified",
        "exclusive goes with EPOLLET, not with EPOLLONESHOT or EPOLLRDHUP",
        "an epoll descriptor can't be watched exclusively",
    ];
    Experiment::new("epoll-refuses", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "exclusive", true)
        .option("server", "removes", false)
        .claim(twice, |run| run.observed("server", "ADD twice").is("EEXIST"))
        .claim(modify, |run| run.observed("server", "MOD").is("EINVAL"))
        .claim(with, |run| {
            let edge = run.observed("server", "with EPOLLET").is("ok");
            let oneshot = run.observed("server", "with EPOLLONESHOT");
            let rdhup = run.observed("server", "with EPOLLRDHUP");
            edge.and(oneshot.is("EINVAL")).and(rdhup.is("EINVAL"))
        })
        .claim(epoll, |run| {
            run.observed("server", "on an epoll descriptor").is("EINVAL")
        })
        .what_if(
            "plain",
            option("server", "exclusive", false),
            fails([modify, with, epoll]),
        )
        .what_if("removed", option("server", "removes", true), fails([twice]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = listener(net)?;
    let new = || Epoll::new(EpollCreateFlags::empty());
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLEXCLUSIVE, net.knob("server:exclusive"));
    let event = |more| EpollEvent::new(how | more, 0);
    let none = EpollFlags::empty();
    let told = |what: &str, result: nix::Result<()>| {
        let result =
            result.map_or_else(|errno| format!("{errno:?}"), |()| "ok".into());
        net.on("server", || net.observe(what, result))
    };

    let epoll = new()?;
    epoll.add(&listener, event(none))?;
    told("MOD", epoll.modify(&listener, &mut event(none)))?;
    if net.knob("server:removes") {
        epoll.delete(&listener)?;
    }
    told("ADD twice", epoll.add(&listener, event(none)))?;
    for (name, flag) in [
        ("with EPOLLET", EpollFlags::EPOLLET),
        ("with EPOLLONESHOT", EpollFlags::EPOLLONESHOT),
        ("with EPOLLRDHUP", EpollFlags::EPOLLRDHUP),
    ] {
        told(name, new()?.add(&listener, event(flag)))?;
    }
    told("on an epoll descriptor", new()?.add(&epoll.0, event(none)))
}
// ANCHOR_END: script

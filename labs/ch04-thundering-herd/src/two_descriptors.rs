//! # The descriptor that epoll remembers
//!
//! **Question.** A program closes a socket without taking it out of its epoll
//! first. A copy of the descriptor lives elsewhere. Does epoll report it?

use std::os::fd::{AsRawFd, BorrowedFd};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::guest::{pair, say};
use crate::watch::{look, watch};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question =
        "A socket is closed, and a copy isn't. Does epoll report it?";
    let [still, stuck] = [
        "epoll reports a descriptor that was closed",
        "and it can't be taken out any more: EBADF",
    ];
    Experiment::new("closed-and-reported", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "keeps-copy", true)
        .option("server", "closes", true)
        .claim(still, |run| run.observed("server", "after close()").is("IN"))
        .claim(stuck, |run| run.observed("server", "DEL").is("EBADF"))
        .what_if(
            "no-copy",
            option("server", "keeps-copy", false),
            fails([still]),
        )
        .what_if("open", option("server", "closes", false), fails([stuck]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, server) = pair(net)?;
    let epoll = watch(&server, EpollFlags::EPOLLIN)?;
    say(net, &client, b"a")?;
    let number = server.as_raw_fd();
    if net.knob("server:keeps-copy") {
        net.keep(server.try_clone()?); // dup(2), as fork() would
    }
    if net.knob("server:closes") {
        drop(server);
    } else {
        net.keep(server);
    }
    let after = look(&epoll)?;
    // SAFETY: the number may be that of no descriptor: that is the question.
    let closed = unsafe { BorrowedFd::borrow_raw(number) };
    let del = match epoll.delete(closed) {
        Ok(()) => "ok".into(),
        Err(errno) => format!("{errno:?}"),
    };
    net.on("server", || {
        net.observe("after close()", after)?;
        net.observe("DEL", del)
    })
}
// ANCHOR_END: script

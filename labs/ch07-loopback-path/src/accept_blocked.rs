//! # close() under a blocked accept()
//!
//! **Question.** One thread is blocked in accept(). Another wants it to stop,
//! and closes the listening socket. Does the first one come back?

use std::net::{TcpListener, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::mpsc;
use std::thread;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Knob, Net, Truth, fails, loopback, option,
    outcome,
};
use nix::sys::socket::{Shutdown, accept, shutdown};
use nix::unistd::gettid;

use crate::sleeper::is_asleep;

// ANCHOR: experiment
pub(crate) fn by_close() -> Experiment {
    let question = "Does close() wake a thread that is blocked in accept()?";
    let [one_more, then] = [
        "after close() the port takes one more connection, for that thread",
        "then it is closed",
    ];
    family("accept-blocked", question, false)
        .option("server", "duplicate", false)
        .claim(one_more, |run| says(run, "ok", "ok"))
        .claim(then, |run| {
            run.observed("client", "connect again").is("ECONNREFUSED")
        })
        .what_if("shutdown", shuts_down(true), fails([one_more]))
        .what_if(
            "duplicate",
            option("server", "duplicate", true),
            fails([then]),
        )
        .folklore(
            Truth::False,
            "Closing the listening socket wakes whoever waits in accept()",
            one_more,
        )
        .folklore_note("it takes one more connection; shutdown() wakes it")
}

pub(crate) fn by_shutdown() -> Experiment {
    let question = "Does shutdown() wake a thread that is blocked in accept()?";
    let back = "accept() returns EINVAL, and the port is closed";
    family("accept-shutdown", question, true)
        .claim(back, |run| says(run, "ECONNREFUSED", "EINVAL"))
        .what_if("close-only", shuts_down(false), fails([back]))
}

fn family(name: &str, question: &str, shut: bool) -> Experiment {
    Experiment::new(name, question)
        .link(loopback("client", "server"))
        .option("server", "shuts-down", shut)
        .script(script)
        .ends_with_script()
}

fn shuts_down(it: bool) -> Knob {
    option("server", "shuts-down", it)
}

fn says(run: &Evidence, connect: &str, accept: &str) -> Finding {
    let client = run.observed("client", "connect").is(connect);
    client.and(run.observed("server", "accept").is(accept))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let at = net.on("server", || net.here(7000));
    let connect = || net.on("client", || TcpStream::connect(at));
    let listener = net.on("server", || TcpListener::bind(at))?;
    if net.knob("server:duplicate") {
        net.keep(listener.try_clone()?);
    }
    let number = listener.as_raw_fd();
    let (tell, told) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let _ = tell.send(gettid());
        accept(number)
    });
    let thread = told.recv()?;
    net.until("the thread is in accept()", || is_asleep(thread))?;

    if net.knob("server:shuts-down") {
        shutdown(number, Shutdown::Both)?;
    }
    drop(listener); // close(): its number is free from now on
    let client = connect().map(|client| net.keep(client));
    net.on("client", || net.observe("connect", outcome(client)))?;
    let accepted = waiter.join().expect("accept() returns");
    let accepted = accepted.map_err(std::io::Error::from);
    net.on("server", || net.observe("accept", outcome(accepted)))?;
    let again = connect().map(|again| net.keep(again));
    net.on("client", || net.observe("connect again", outcome(again)))
}
// ANCHOR_END: script

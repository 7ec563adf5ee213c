//! # Both flags
//!
//! **Question.** A library sets both flags, to be on the safe side. Is it?

use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};

use crate::flags::listen;

const EITHER: &str = "it may follow a server that had either flag";
const NONE: &str = "it may not follow a server that had none";
const FOLLOWED: &str = "and a server with either flag may follow it";
const TWICE: &str = "started twice by mistake, it runs twice";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A server sets both flags. What does it gain, and lose?";
    Experiment::new("both-flags", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "flags", "both")
        .option("server", "children-left", true)
        .claim(EITHER, |run| {
            let addr = run.observed("server", "after addr").is("ok");
            addr.and(run.observed("server", "after port").is("ok"))
        })
        .claim(FOLLOWED, |run| {
            let addr = run.observed("server", "then addr").is("ok");
            addr.and(run.observed("server", "then port").is("ok"))
        })
        .claim(NONE, |run| {
            run.observed("server", "after none").is("EADDRINUSE")
        })
        .claim(TWICE, |run| run.observed("server", "again").is("ok"))
        .what_if(
            "only-reuseaddr",
            option("server", "flags", "addr"),
            fails([EITHER, FOLLOWED, TWICE]),
        )
        .what_if(
            "no-children-left",
            option("server", "children-left", false),
            fails([NONE]),
        )
        .folklore(
            Truth::False,
            "Two sockets cannot listen on one port; SO_REUSEPORT only \
             skips the TIME_WAIT",
            TWICE,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let both = net.value("server:flags").unwrap_or_default();
    let both = both.as_str();
    for (port, old, new, key) in [
        (7000, "none", both, "after none"),
        (7001, "addr", both, "after addr"),
        (7002, "port", both, "after port"),
        (7003, both, "addr", "then addr"),
        (7004, both, "port", "then port"),
    ] {
        let listener = net.on("server", || listen(old, net.here(port)))?;
        if net.knob("server:children-left") {
            let to = net.on("client", || net.at("server", port));
            net.keep(net.on("client", || TcpStream::connect(to))?);
            net.keep(listener.accept()?.0);
        }
        drop(listener);
        start(net, port, new, key)?;
    }
    start(net, 7005, both, "alone")?;
    start(net, 7005, both, "again")
}

fn start(net: &Net, port: u16, flags: &str, key: &str) -> Result<()> {
    net.on("server", || {
        let new = listen(flags, net.here(port));
        net.observe(key, outcome(new.map(|socket| net.keep(socket))))
    })
}
// ANCHOR_END: script

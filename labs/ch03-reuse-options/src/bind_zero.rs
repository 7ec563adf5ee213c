//! # Any port
//!
//! **Question.** `SO_REUSEADDR` lets sockets share a port. May the kernel then
//! hand out one that somebody has, if it is asked for any port?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, sysctl};
use socket2::Type;

use crate::flags::bound;

const AUTOBIND: &str = "net.ipv4.ip_autobind_reuse";
const FULL: &str = "port 0, when both ports are taken: EADDRINUSE";
const NAMED: &str = "the same port by its number: ok";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "All ports are bound, with the flag. What does port 0 get?";
    Experiment::new("bind-zero", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40001"))
        .option("client", "flags", "addr")
        .claim(FULL, |run| {
            run.observed("client", "third bind to port 0").is("EADDRINUSE")
        })
        .claim(NAMED, |run| {
            run.observed("client", "bind to port 40000").is("ok")
        })
        .what_if("autobind-reuse", sysctl("client", AUTOBIND, 1), fails([FULL]))
        .what_if_since((5, 7), "4b01a9674231", AUTOBIND)
        .what_if("no-flag", option("client", "flags", "none"), fails([NAMED]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let flags = net.value("client:flags").unwrap_or_default();
    net.on("client", || {
        let bind = |port| {
            let made = bound(Type::STREAM, &flags, net.here(port));
            outcome(made.map(|socket| net.keep(socket)))
        };
        net.observe("first bind to port 0", bind(0))?;
        net.observe("second bind to port 0", bind(0))?;
        net.observe("third bind to port 0", bind(0))?;
        net.observe("bind to port 40000", bind(40000))
    })
}
// ANCHOR_END: script

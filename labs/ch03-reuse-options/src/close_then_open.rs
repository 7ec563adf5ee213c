//! # A restart that loses nothing
//!
//! **Question.** The sysctl is on, so the queue of a closed listener goes to
//! another one. A server restarts. Is its queue safe?

use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, sysctl};

use crate::flags::listen;

const RESET: &str = "the waiting connection is reset";
const NOTHING: &str = "the new server accepts nothing";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The old server closes, the new one opens: who is lost?";
    Experiment::new("close-then-open", question)
        .link(cable("client", "server"))
        .script(script)
        .since((5, 14), "f9ac779f881c", "tcp_migrate_req")
        .knob(sysctl("server", "net.ipv4.tcp_migrate_req", 1))
        .option("server", "opens-first", false)
        .claim(RESET, |run| {
            run.segments().from("server").with_flag('R').count_is(1)
        })
        .claim(NOTHING, |run| run.observed("server", "accept").is("EAGAIN"))
        .shows_counter("server", "TcpExtTCPMigrateReqSuccess")
        .what_if(
            "opens-first",
            option("server", "opens-first", true),
            fails([RESET, NOTHING]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let open = || net.on("server", || listen("port", net.here(7000)));
    let old = open()?;
    let to = net.on("client", || net.at("server", 7000));
    net.keep(net.on("client", || TcpStream::connect(to))?);
    net.until("it is in the queue", || {
        Ok(net.sockets("server")?.iter().any(|s| s.recv_q == 1))
    })?;
    let new = match net.knob("server:opens-first") {
        true => {
            let new = open()?;
            drop(old);
            new
        }
        false => {
            drop(old);
            open()?
        }
    };
    new.set_nonblocking(true)?;
    let accepted = new.accept().map(|(socket, _)| net.keep(socket));
    net.keep(new);
    net.on("server", || net.observe("accept", outcome(accepted)))
}
// ANCHOR_END: script

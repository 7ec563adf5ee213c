//! # Address already in use
//!
//! **Question.** The server was stopped and is started again. No process has
//! the port. Who has it? And does the new version's `SO_REUSEADDR` help?

use std::io::Read;
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, sysctl};

use crate::flags::{listen, set};

const TIME_WAIT: &str = "the port is held by a TIME-WAIT and by no process";
const REFUSED: &str = "the new version sets SO_REUSEADDR and is refused";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The new version has SO_REUSEADDR. Does it start?";
    Experiment::new("restart", question)
        .link(cable("client", "server"))
        .script(script)
        // What is recommended most often, all at once.
        .knob(sysctl("server", "net.ipv4.tcp_tw_reuse", 1))
        .knob(sysctl("server", "net.ipv4.tcp_fin_timeout", 5))
        .option("server", "old", "none")
        .option("server", "new", "addr")
        .option("server", "flag-on-the-connection", false)
        .option("client", "closes-first", false)
        .claim(TIME_WAIT, |run| {
            run.states_at("the old version is gone", &["-", "TIME-WAIT"])
        })
        .claim(REFUSED, |run| run.observed("server", "bind").is("EADDRINUSE"))
        .what_if(
            "the-old-one-had-it",
            option("server", "old", "addr"),
            fails([REFUSED]),
        )
        .what_if(
            "flag-on-the-connection",
            option("server", "flag-on-the-connection", true),
            fails([REFUSED]),
        )
        .what_if(
            "client-closes-first",
            option("client", "closes-first", true),
            fails([TIME_WAIT, REFUSED]),
        )
        .folklore(
            Truth::Partly,
            "SO_REUSEADDR lets a server bind while its port is in TIME_WAIT",
            REFUSED,
        )
        .folklore_note("if the server that left the TIME_WAIT had it, too")
        .folklore(
            Truth::False,
            "tcp_tw_reuse=1 and a low tcp_fin_timeout cure Address already \
             in use",
            REFUSED,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let value = |key| net.value(key).unwrap_or_default();
    let old = value("server:old");
    let listener = net.on("server", || listen(&old, net.here(7000)))?;
    let client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let (server, _) = listener.accept()?;
    if net.knob("server:flag-on-the-connection") {
        set(&server, "addr")?; // a TIME-WAIT keeps what its socket had
    }
    let server = TcpStream::from(server);
    let (first, mut second) = match net.knob("client:closes-first") {
        false => (server, client),
        true => (client, server),
    };
    drop(first);
    second.read_to_end(&mut Vec::new())?;
    drop(second);
    drop(listener);
    net.until("both have closed", || {
        let sockets = [net.sockets("client")?, net.sockets("server")?].concat();
        Ok(sockets.iter().all(|s| s.state == "TIME-WAIT"))
    })?;
    net.step("the old version is gone")?;

    let new = value("server:new");
    net.on("server", || {
        let again = crate::flags::listen(&new, net.here(7000));
        net.observe("bind", outcome(again.map(|socket| net.keep(socket))))
    })
}
// ANCHOR_END: script

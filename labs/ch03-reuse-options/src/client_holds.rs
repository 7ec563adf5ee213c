//! # The port of a client
//!
//! **Question.** The server has the flag, nobody listens, nothing is in
//! TIME-WAIT, and still: EADDRINUSE, on some mornings. Who has the port?

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Experiment, Knob, Net, Truth, cable, fails, option, outcome, sysctl,
};

use crate::flags::{listen, set, socket};

const HELD: &str = "the machine's own outgoing connection has the port";
const REFUSED: &str = "SO_REUSEADDR doesn't help: EADDRINUSE";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody listens, no TIME-WAIT, EADDRINUSE. Who has it?";
    Experiment::new("client-holds", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(range("40000 40001"))
        .option("server", "outgoing-has-the-flag", false)
        .claim(HELD, |run| {
            let from = run.observed("server", "connected from");
            from.is("192.0.2.2:40000")
        })
        .claim(REFUSED, |run| run.observed("server", "bind").is("EADDRINUSE"))
        .what_if(
            "reserved",
            sysctl("server", "net.ipv4.ip_local_reserved_ports", "40000"),
            fails([HELD, REFUSED]),
        )
        .what_if(
            "outgoing-has-the-flag",
            option("server", "outgoing-has-the-flag", true),
            fails([REFUSED]),
        )
        .folklore(
            Truth::False,
            "Address already in use is TIME_WAIT, and SO_REUSEADDR cures it",
            REFUSED,
        )
        .folklore_note("a client's port needs ip_local_reserved_ports")
        .ends_with_script()
}

fn range(ports: &str) -> Knob {
    sysctl("server", "net.ipv4.ip_local_port_range", ports)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let database = net.on("client", || TcpListener::bind(net.here(5432)))?;
    net.on("server", || {
        let outgoing = socket(socket2::Type::STREAM, "none")?;
        if net.knob("outgoing-has-the-flag") {
            set(&outgoing, "addr")?;
        }
        outgoing.connect(&net.at("client", 5432).into())?;
        let outgoing = TcpStream::from(outgoing);
        net.observe("connected from", outgoing.local_addr()?)?;
        net.keep(outgoing);
        let bound = listen("addr", net.here(40000));
        net.observe("bind", outcome(bound.map(|socket| net.keep(socket))))
    })?;
    net.keep(database.accept()?.0);
    Ok(())
}
// ANCHOR_END: script

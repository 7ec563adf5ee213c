//! # The port that a client may have again
//!
//! **Question.** One socket was bound to an ephemeral port by hand. What does
//! that do to all who only call `connect()`, and for how long?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, secs, sysctl};
use socket2::Type;

use crate::flags::{bound, socket};

const WHILE: &str = "while it is bound: connect() is EADDRNOTAVAIL";
const AFTER: &str = "once it is closed: connect() has the port again";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Somebody bound an ephemeral port by hand. Who may share?";
    Experiment::new("comes-back", question)
        .link(cable("client", "server"))
        .script(script)
        .since(
            (6, 18),
            "d57f4b874946",
            "a bind bucket that forgets who has left it",
        )
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40000"))
        .option("client", "somebody-binds", true)
        .option("client", "it-stays", false)
        .claim(WHILE, |run| {
            run.observed("client", "while bound").is("EADDRNOTAVAIL")
        })
        .claim(AFTER, |run| run.observed("client", "afterwards").is("ok"))
        .what_if(
            "nobody-binds",
            option("client", "somebody-binds", false),
            fails([WHILE]),
        )
        .what_if("it-stays", option("client", "it-stays", true), fails([AFTER]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for port in 7000..=7003 {
        net.keep(net.on("server", || TcpListener::bind(net.here(port)))?);
    }
    net.on("client", || {
        // Holds the port for the whole time, and shares it: without a bind().
        let first = socket(Type::STREAM, "addr")?;
        first.connect(&net.at("server", 7000).into())?;
        net.keep(first);

        let by_hand = match net.knob("somebody-binds") {
            true => Some(bound(Type::STREAM, "addr", net.here(40000))?),
            false => None,
        };
        if let Some(socket) = &by_hand {
            socket.connect(&net.at("server", 7001).into())?;
            socket.set_linger(Some(secs(0)))?; // leaves no TIME-WAIT
        }
        net.observe("while bound", connect(net, 7002))?;
        match net.knob("it-stays") {
            true => by_hand.into_iter().for_each(|socket| net.keep(socket)),
            false => drop(by_hand),
        }
        net.observe("afterwards", connect(net, 7003))
    })
}

fn connect(net: &Net, to: u16) -> String {
    let stream = std::net::TcpStream::connect(net.at("server", to));
    outcome(stream.map(|socket| net.keep(socket)))
}
// ANCHOR_END: script

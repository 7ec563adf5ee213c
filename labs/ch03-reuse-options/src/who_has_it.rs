//! # Exercise: who has the port?
//!
//! A service doesn't start, and all that could be the reason is there at once.

use std::io::Read;
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Net, Selection, cable, number, one_of,
    outcome, sysctl,
};
use socket2::Type;

use crate::flags::{bound, listen, socket};

const RANGE: &str = "net.ipv4.ip_local_port_range";

pub(crate) fn exercise() -> Exercise {
    let question = "A service can't have its port. Who has it?";
    let experiment = Experiment::new("who-has-it", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("server", RANGE, "40000 40001"))
        .ends_with_script();
    let causes = [
        "time-wait",
        "another-listener",
        "own-outgoing-connection",
        "connection-of-the-old-version",
        "flag-missing",
    ];
    let cures = [
        "SO_REUSEPORT",
        "SO_LINGER",
        "tcp_tw_reuse",
        "tcp_fin_timeout",
        "ip_local_reserved_ports",
    ];
    Exercise::diagnose("Who has the port?", experiment)
        .asks(
            "cause",
            "What keeps the service from port 40000?",
            one_of(causes),
        )
        .asks(
            "segment",
            "Which segment took the port: the first of its holder (its \
             number in the ladder)?",
            number(),
        )
        .asks("cure", "What keeps it from happening again?", one_of(cures))
        .rule(4, "the cause is named", HINTS[0], |run| {
            run.said("cause").is("own-outgoing-connection")
        })
        .rule(3, "the segment is the holder's first", HINTS[1], |run| {
            run.said("segment").names(&outgoing_syn(run))
        })
        .rule(3, "the cure is one", HINTS[2], |run| {
            run.said("cure").is("ip_local_reserved_ports")
        })
        .wrong("time-wait", "the cause is named")
        .wrong("syn-ack", "the segment is the holder's first")
        .wrong("reuseport", "the cure is one")
}

const HINTS: [[&str; 3]; 3] = [
    [
        "Which of the server's sockets has 40000 as its own port?",
        "A TIME-WAIT and a listener are there, too. On which port?",
        "The socket at 40000 is connected to 5432, a database's port. Who \
         called whom?",
    ],
    [
        "Who sends the first segment of that connection?",
        "Look for a SYN without ACK that the server sends.",
        "There is one SYN from the server; count to its number.",
    ],
    [
        "connect() was given a port by the kernel. From which range?",
        "It sets no flag of this chapter, so no flag in the service gets past \
         it, and no TIME-WAIT is concerned.",
        "A port can be taken out of connect()'s range by its number.",
    ],
];

fn outgoing_syn(run: &Evidence) -> Selection<'_> {
    let server = run.segments().from("server");
    server.that("that call somebody", |s| s.flags.0 == "S")
}

fn script(net: &Net) -> Result<()> {
    // A metrics endpoint: it listens, and its last caller left a TIME-WAIT.
    let metrics = net.on("server", || listen("addr", net.here(41000)))?;
    let caller =
        net.on("client", || bound(Type::STREAM, "none", net.here(50000)))?;
    caller.connect(&metrics.local_addr()?)?;
    drop(metrics.accept()?);
    let mut caller = TcpStream::from(caller);
    caller.read_to_end(&mut Vec::new())?;
    drop(caller);
    net.until_state("server", "TIME-WAIT")?;

    let database = net.on("client", || TcpListener::bind(net.here(5432)))?;
    net.on("server", || {
        let outgoing = socket(Type::STREAM, "none")?;
        outgoing.connect(&net.at("client", 5432).into())?;
        net.keep(outgoing);
        anyhow::Ok(())
    })?;
    net.keep(database.accept()?.0);

    net.step("the service starts")?;
    net.on("server", || {
        let said = outcome(listen("addr", net.here(40000)));
        net.observe("the service, with SO_REUSEADDR, says", said)?;
        list(net)
    })
}

/// The server's sockets as `ss -tan` shows them.
fn list(net: &Net) -> Result<()> {
    let mut sockets = net.sockets("server")?;
    sockets.sort_by_key(|s| (s.local_port, s.remote_port));
    for (n, s) in sockets.iter().enumerate() {
        let row = format!("{s}, {} to {}", s.local_port, s.remote_port);
        net.observe(&format!("ss, row {}", n + 1), row)?;
    }
    Ok(())
}

//! # Exercise: which of them start?
//!
//! Six servers, each on a port on which an older one has left something.

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, one_of};

use crate::server::{leave, start};

/// A name, what the old one left, its flag, and the flag of the new one.
const STARTS: [[&str; 4]; 6] = [
    ["time-wait-none-addr", "TIME-WAIT", "none", "addr"],
    ["time-wait-addr-addr", "TIME-WAIT", "addr", "addr"],
    ["time-wait-addr-port", "TIME-WAIT", "addr", "port"],
    ["live-addr-addr", "ESTAB", "addr", "addr"],
    ["listen-addr-addr", "LISTEN", "addr", "addr"],
    ["listen-port-port", "LISTEN", "port", "port"],
];

pub(crate) fn exercise() -> Exercise {
    let question = "What an old server left is on the port. Who starts?";
    let experiment = Experiment::new("which-start", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script()
        .by_events();
    let exercise = Exercise::predict("Which of them start?", experiment)
        .rule(4, "after a TIME-WAIT", HINTS[0], |run| as_seen(run, 0..3))
        .rule(3, "beside a live connection", HINTS[1], |run| as_seen(run, 3..4))
        .rule(3, "beside a listener", HINTS[2], |run| as_seen(run, 4..6))
        .wrong("the-new-flag", "after a TIME-WAIT")
        .wrong("busy-is-busy", "beside a live connection")
        .wrong("reuse-is-reuse", "beside a listener");
    STARTS.iter().fold(exercise, |exercise, [key, left, old, new]| {
        let name = |flag| match flag {
            "addr" => "SO_REUSEADDR",
            "port" => "SO_REUSEPORT",
            _ => "no flag",
        };
        let (old, new) = (name(*old), name(*new));
        let question =
            format!("{left} is left by one with {old}; the new has {new}");
        exercise.asks(key, &question, one_of(["ok", "EADDRINUSE"]))
    })
}

const HINTS: [[&str; 3]; 3] = [
    [
        "Which of the two sockets has to have the flag?",
        "A TIME-WAIT keeps the flag that its listener had. The kernel \
         compares the two sockets, flag by flag.",
        "Both must have the same flag; one flag never stands in for the other.",
    ],
    [
        "What is asked about the old socket, besides its flag?",
        "Dead, dying or busy is all the same. Does it listen?",
        "A connection doesn't listen, so it is as a TIME-WAIT is.",
    ],
    [
        "Two listeners on one port: which flag is meant for that?",
        "SO_REUSEADDR yields to a socket that listens.",
        "Only SO_REUSEPORT in both lets two listen on one port.",
    ],
];

fn as_seen(run: &Evidence, which: std::ops::Range<usize>) -> Finding {
    let keys = STARTS[which].iter().map(|[key, ..]| key);
    all(keys.map(|key| run.said(key).is(run.observed("server", key).text())))
}

fn script(net: &Net) -> Result<()> {
    for (port, [key, left, old, new]) in (7000..).zip(STARTS) {
        leave(net, port, old, left)?;
        net.on("server", || {
            let started = start(net, net.here(port), new);
            let started = started.map(|socket| net.keep(socket));
            net.observe(key, lab_kit::outcome(started))
        })?;
    }
    Ok(())
}

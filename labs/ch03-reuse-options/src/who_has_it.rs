//! # Exercise: who has the port?
//!
//! A service doesn't start, and all that could be the reason is there at once.

use lab_kit::{
    Evidence, Exercise, Experiment, Selection, cable, number, one_of, sysctl,
};

use crate::taken::script;

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

//! # Exercise: some of them hang
//!
//! A server of two workers, after a crash. Some guests are served as ever.

use lab_kit::{
    Evidence, Exercise, Experiment, Selection, cable, number, one_of,
};

use crate::crash::script;

pub(crate) fn exercise() -> Exercise {
    let question = "Some guests are served, some hang. Which, and why?";
    let experiment = Experiment::new("some-hang", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script();
    let causes = [
        "packets-are-lost",
        "backlog-too-small",
        "edge-not-drained",
        "worker-is-busy",
        "listener-without-a-reader",
    ];
    let cures = [
        "a-larger-backlog",
        "EPOLLEXCLUSIVE",
        "EPOLLET",
        "each-worker-opens-its-own-listener",
        "one-more-worker-with-one-more-listener",
    ];
    Exercise::diagnose("Some of them hang", experiment)
        .asks("cause", "Why do some guests hang?", one_of(causes))
        .asks(
            "segment",
            "Which segment carries a request that nobody will ever read (one \
             such number in the ladder)?",
            number(),
        )
        .asks("cure", "What keeps it from happening again?", one_of(cures))
        .rule(4, "the cause is named", HINTS[0], |run| {
            run.said("cause").is("listener-without-a-reader")
        })
        .rule(
            3,
            "the segment is a request without an answer",
            HINTS[1],
            |run| run.said("segment").names(&unanswered(run)),
        )
        .rule(3, "the cure is one", HINTS[2], |run| {
            run.said("cure").is("each-worker-opens-its-own-listener")
        })
        .wrong("busy", "the cause is named")
        .wrong("before-the-crash", "the segment is a request without an answer")
        .wrong("one-more", "the cure is one")
}

const HINTS: [[&str; 3]; 3] = [
    [
        "How far does a guest who hangs get? What has the server's kernel \
         acknowledged?",
        "Two rows listen, and one has a queue. How many workers are there to \
         read them, and what does each do?",
        "A listener lives for as long as anybody holds a descriptor of it, \
         if only the parent, who never calls accept().",
    ],
    [
        "A request is one byte from the client. Whose is never answered?",
        "Take a connection that begins after the crash, and on which the \
         server sends no data.",
        "Its number is that of the segment `PSH ACK 1:2` of that connection.",
    ],
    [
        "Who opened the listener that nobody reads, and who still has it?",
        "Another listener beside it changes nothing for those whom the hash \
         sends to the old one.",
        "What a worker has opened itself, after the fork, is closed when the \
         worker dies.",
    ],
];

/// Requests on connections on which the server says nothing.
fn unanswered(run: &Evidence) -> Selection<'_> {
    let answered: Vec<u32> = run
        .segments()
        .from("server")
        .with_data()
        .iter()
        .map(|s| s.flow)
        .collect();
    let requests = run.segments().from("client").with_data();
    requests.that("without an answer", |s| !answered.contains(&s.flow))
}

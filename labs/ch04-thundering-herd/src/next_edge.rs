//! # Exercise: the next edge
//!
//! An experiment of the chapter again; this time you say first what it shows.

use lab_kit::claim::all;
use lab_kit::{Evidence, Exercise, Finding, one_of};

use crate::edge_stream;

/// What happens, in this order, and whether something new has come with it.
const STEPS: [(&str, &str); 5] = [
    ("a byte", "A byte comes. Is it reported?"),
    ("asked again", "Nobody has read it, and epoll_wait() is called again"),
    ("a second byte", "A second byte comes, and the first is still unread"),
    ("one of two was read", "One byte is read, and the other left"),
    ("all was read", "That one is read, too"),
];

pub(crate) fn exercise() -> Exercise {
    let experiment = edge_stream::edge().named("next-edge").by_events();
    let exercise = Exercise::predict("When is the next edge?", experiment)
        .rule(3, "while nobody reads", HINTS[0], |run| as_seen(run, 0..2))
        .rule(4, "a second byte behind an unread one", HINTS[1], |run| {
            as_seen(run, 2..3)
        })
        .rule(3, "after a read", HINTS[2], |run| as_seen(run, 3..5))
        .wrong("as-a-level", "while nobody reads")
        .wrong("until-all-was-read", "a second byte behind an unread one")
        .wrong("what-is-left", "after a read");
    STEPS.iter().fold(exercise, |exercise, (step, question)| {
        exercise.asks(&key(step), question, one_of(["IN", "nothing"]))
    })
}

const HINTS: [[&str; 3]; 3] = [
    [
        "Edge or level: which of the two repeats itself?",
        "An edge is reported once.",
        "The first call says IN, the second nothing.",
    ],
    [
        "What makes an edge: that the queue was empty, or that something came?",
        "Two definitions go around. Try the other.",
        "The socket calls the epoll whenever data arrives, read or not.",
    ],
    [
        "Does a read() make an edge?",
        "What is left is not reported again until something new comes.",
        "Reading is no event, whether it empties the queue or not.",
    ],
];

fn key(step: &str) -> String {
    step.replace(' ', "-")
}

fn as_seen(run: &Evidence, which: std::ops::Range<usize>) -> Finding {
    all(STEPS[which].iter().map(|(step, _)| {
        let said = run.observed("server", step);
        let seen = match said.text() {
            "-" => "nothing",
            other => other,
        };
        run.said(&key(step)).is(seen)
    }))
}

//! # Exercise: what do the calls say?
//!
//! A prediction about [`late_answer`](crate::late_answer): the client has
//! closed, the server answers all the same.

use lab_kit::{Evidence, Exercise, one_of};

const FIRST: &str = "what the first two calls say";
const LATER: &str = "what they say after the RST";
const WHOSE: &str = "whose kernel sends the RST";

pub(crate) fn exercise() -> Exercise {
    let experiment =
        crate::late_answer::experiment().named("predict-late-answer");
    let said = || one_of(["ok", "EPIPE", "ECONNRESET", "EAGAIN", "end"]);
    Exercise::predict("An answer that nobody can read", experiment)
        .asks("read", "The server reads first. What does read() say?", said())
        .asks("first_write", "Then it writes. What does write() say?", said())
        .asks("second_write", "The RST has come. And the next write()?", said())
        .asks("last_read", "And the read() after that?", said())
        .asks("rst", "Who sent the RST?", one_of(["client", "server"]))
        .rule(
            4,
            FIRST,
            [
                "What does the server's kernel know when these are called?",
                "The FIN of a close() is the FIN of a shutdown(): it says that \
                 no more comes, and nothing about who still reads.",
                "To read is to find the end. To write is to fill a buffer.",
            ],
            |run| {
                let read = run.said("read").is(seen(run, "read", 1));
                let write = seen(run, "write", 1);
                read.and(run.said("first_write").is(write))
            },
        )
        .rule(
            4,
            LATER,
            [
                "In which state was the server's socket when the RST came?",
                "The error that a RST leaves behind depends on that state, \
                 and it is handed out once.",
                "In CLOSE-WAIT it is EPIPE, not ECONNRESET; whoever reads \
                 finds what was there before.",
            ],
            |run| {
                let write = seen(run, "write", 2);
                let read = seen(run, "then read", 1);
                let second = run.said("second_write").is(write);
                second.and(run.said("last_read").is(read))
            },
        )
        .rule(
            2,
            WHOSE,
            [
                "Who got something that it couldn't use?",
                "A kernel sends RST for data that no program can read.",
                "The one whose program has closed.",
            ],
            |run| {
                let rst = run.segments().with_flag('R').first();
                let from = rst.segment().map_or("nobody", |s| s.from.as_str());
                run.said("rst").is(from)
            },
        )
        .wrong("fails-at-once", FIRST)
        .wrong("reset", LATER)
        .wrong("server-resets", WHOSE)
}

/// A call's result, in the words of the form.
fn seen(run: &Evidence, call: &str, nth: usize) -> String {
    match run.observed_nth("server", call, nth).text() {
        "0 bytes" => "end".into(),
        other => other.into(),
    }
}

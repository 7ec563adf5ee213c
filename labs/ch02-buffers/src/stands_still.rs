//! # Exercise: it stands still
//!
//! A sick system: a transfer has stopped half way. The network is healthy.

use lab_kit::{Exercise, Experiment, cable, number, one_of, sysctl};

use crate::dials::socket_at;
use crate::slow_reader::{STILL, first, probes, script, zeros};

const CAUSE: &str = "the cause is named";
const SEGMENT: &str = "the segment that stopped the transfer is named";
const PROBE: &str = "the first segment by which the client asks is named";
const UNSENT: &str = "the bytes that wait unsent are counted";

pub(crate) fn exercise() -> Exercise {
    let question = "Why does the transfer stand still?";
    let experiment = Experiment::new("stands-still", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(sysctl("server", "net.ipv4.tcp_invalid_ratelimit", 0))
        .shows_windows()
        .ends_with_script();
    let causes = ["loss", "nagle", "small-send-buffer", "nobody-reads"];
    let [stop, ask] = [
        "Which segment stopped the client?",
        "By which one does the client's kernel ask first whether it may go on?",
    ];
    let unsent = "How many bytes were written and not sent while it stood?";
    Exercise::diagnose("It stands still", experiment)
        .asks("cause", "Why does the transfer stand still?", one_of(causes))
        .asks("stop", stop, number())
        .asks("ask", ask, number())
        .asks("unsent", unsent, number())
        .rule(
            4,
            CAUSE,
            [
                "Each cause has its queue. Which of the four is full?",
                "Lost segments lie in Send-Q and are unacked. What lies in \
                 the server's Recv-Q has arrived and is acknowledged.",
                "The server's kernel has it all, and its program doesn't \
                 come for it.",
            ],
            |run| run.said("cause").is("nobody-reads"),
        )
        .rule(
            2,
            SEGMENT,
            [
                "Look at the windows, not at the data.",
                "A receiver stops a sender by what it offers in its ACKs.",
                "The first `win 0` of the server.",
            ],
            |run| run.said("stop").names(&first(zeros(run))),
        )
        .rule(
            2,
            PROBE,
            [
                "What does the client send after that, and when?",
                "A question carries no data, and a number that was \
                 acknowledged before, so that it has to be answered.",
                "The client's first segment after the window was closed, \
                 200 ms later.",
            ],
            |run| run.said("ask").names(&first(probes(run))),
        )
        .rule(
            2,
            UNSENT,
            [
                "The panel has a column for it.",
                "Send-Q is what was written and not acknowledged. Some of \
                 that may have been sent.",
                "The client's `not sent`, where it stands still.",
            ],
            |run| {
                let client = socket_at(run, STILL, "client");
                let unsent = client.and_then(|socket| socket.not_sent);
                run.said("unsent").is_number(unsent.map_or(-1, i64::from))
            },
        )
        .wrong("loss", CAUSE)
        .wrong("nagle", CAUSE)
        .wrong("the-last-data", SEGMENT)
        .wrong("the-answer", PROBE)
        .wrong("in-all", UNSENT)
}

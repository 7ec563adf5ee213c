//! # Exercise: answer without a stall
//!
//! The answer plays the client of a connection that is kept alive. It may
//! change how it writes, not what; the server's kernel decides the rest.

use std::io::{Read, Write};
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Net, cable, secs};

use crate::echo::DELAYED;

const ROUNDS: i64 = 3;
const WHOLE: &str = "three requests arrive whole and are answered";
const QUICK: &str = "no request waits for a delayed ACK";
const ONE: &str = "each request is one segment";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("no-stall", "Why wait for an ACK?")
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .answered_by("client")
        .within(secs(3));
    Exercise::new("Three requests without a stall", experiment)
        .rule(
            3,
            WHOLE,
            [
                "Read the task again: which twelve bytes, and what then?",
                "The server answers when it has all twelve bytes of a request.",
                "Write `header, `, write `body`, read six bytes; three times.",
            ],
            |run| run.observed("server", "answered").number().is(ROUNDS),
        )
        .rule(
            4,
            QUICK,
            [
                "Look at the ladder: what leaves right after the late ACK?",
                "Nagle's algorithm holds the second small write until the \
                 first is acknowledged, and nobody is in a hurry to do that.",
                "If there is no second small write, nothing can be held.",
            ],
            |run| run.counter("server", DELAYED).is(0),
        )
        .rule(
            3,
            ONE,
            [
                "It is quick now. At what price? Count your segments.",
                "Two segments for twelve bytes are two headers of 66 bytes.",
                "One system call can take both parts: `write_vectored`, or a \
                 buffer of your own.",
            ],
            |run| {
                let requests = run.segments().from("client").with_data();
                requests.count_is(ROUNDS as usize)
            },
        )
        .starter_breaks(QUICK)
        .wrong("nodelay", ONE)
        .wrong("quickack-here", QUICK)
        .wrong("header-only", WHOLE)
}

fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (mut client, _) = listener.accept()?;
    let mut answered = 0;
    let mut request = [0; 12];
    while client.read_exact(&mut request).is_ok() && request == *b"header, body"
    {
        client.write_all(b"answer")?;
        answered += 1;
    }
    net.observe("answered", answered)
}

fn client(net: &Net) -> Result<()> {
    net.wait_for("listening")?;
    let server = net.at("server", 7000).to_string();
    let n = net.answer(&[&server])?;
    net.answered(n)?;
    Ok(())
}

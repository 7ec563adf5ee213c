//! # Exercise: every byte
//!
//! The answer sends more than any buffer holds, by a socket that must not
//! block. The server begins to read when the answer has met a full buffer.

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Net, loopback, secs, sysctl};

use crate::report::{client, read_report};

const PEACE: &str = "the client sends bytes, and no RST";
const WHOLE: &str = "the whole report arrives: no gap, nothing twice";
const END: &str = "the end of the report arrives";

pub(crate) fn exercise() -> Exercise {
    let question = "Who sends the rest?";
    let experiment = Experiment::new("every-byte", question)
        .link(loopback("client", "server"))
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 262144 262144"))
        .knob(sysctl("server", "net.ipv4.tcp_wmem", "4096 131072 131072"))
        .program("server", server)
        .program("client", client)
        .answered_by("client")
        .within(secs(6));
    Exercise::new("Every byte", experiment)
        .rule(
            2,
            PEACE,
            [
                "What is the last segment that your side sends?",
                "The kernel sends on after `close()`, unless it was told to \
                 throw away what is left.",
                "No `SO_LINGER`: close, or end. The FIN follows the last byte.",
            ],
            |run| {
                let client = run.segments().from("client");
                let resets = client.clone().with_flag('R').none();
                client.with_data().at_least(1).and(resets)
            },
        )
        .rule(
            6,
            WHOLE,
            [
                "How much has arrived, and how much did you hand over?",
                "`write()` returns a number. It may be smaller than what you \
                 gave it, and `WouldBlock` means: nothing now, ask later.",
                "In a loop: `write()` what is left, take the number that it \
                 returns off the front; at `WouldBlock`, `poll()` for POLLOUT.",
            ],
            |run| run.observed("server", "text").is("whole"),
        )
        .rule(
            2,
            END,
            [
                "The server has all of it. How could it know?",
                "The end of your report is a FIN.",
                "End, close, or `shutdown(Shutdown::Write)`.",
            ],
            |run| {
                let end = run.observed("server", "end").is("end of file");
                end.and(run.observed("server", "text").is("whole"))
            },
        )
        .starter_breaks(WHOLE)
        .wrong("skips", WHOLE)
        .wrong("again", WHOLE)
        .wrong("linger-zero", PEACE)
}

fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (client, _) = listener.accept()?;
    client.set_read_timeout(Some(secs(1)))?;
    net.until("the client has to wait, or has ended", || {
        let all = net.sockets("client")?;
        Ok(all.iter().any(|s| s.timer == "persist" || is_ending(&s.state)))
    })?;
    net.mark("the server begins to read")?;
    let (text, end) = read_report(&client, |_| Ok(()));
    net.observe("text", text)?;
    net.observe("end", end)
}

fn is_ending(state: &str) -> bool {
    !["LISTEN", "ESTAB"].contains(&state)
}

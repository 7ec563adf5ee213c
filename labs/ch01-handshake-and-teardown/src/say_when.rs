//! # Exercise: say when
//!
//! The answer plays a client whose text may have any length. Only a FIN tells
//! the server that it has all of it, and only then is there a receipt.

use std::io::Write;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, secs};

use crate::answers::{client, read_all, until_read};

const TEXT: &str = "two loaves, six eggs";
const RECEIPT: &[u8] = b"receipt";
const WHOLE: &str = "the server has the whole text";
const END: &str = "the server reads its end, and doesn't wait in vain";
const HEARD: &str = "the receipt is read: nobody is reset";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("say-when", "When is a text complete?")
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .answered_by("client")
        .within(secs(5));
    Exercise::new("Say when", experiment)
        .rule(
            2,
            WHOLE,
            [
                "Read the task again: which text, on how many connections?",
                "The server reads one connection, the first.",
                "Connect once and write `two loaves, six eggs`.",
            ],
            |run| run.observed("server", "text").is(TEXT),
        )
        .rule(
            4,
            END,
            [
                "Look at the ladder: does a FIN of yours leave at all?",
                "The kernel sends a FIN when the last descriptor of a socket \
                 is closed, or when `shutdown()` is called on any of them.",
                "`shutdown(Shutdown::Write)` after the last byte, on whichever \
                 descriptor you have.",
            ],
            |run| {
                let end = run.observed("server", "end").is("end of file");
                end.and(run.observed("server", "text").is(TEXT))
            },
        )
        .rule(
            4,
            HEARD,
            [
                "The server's receipt met a RST. Whose kernel sent it?",
                "A kernel sends it if data comes for a socket that nobody can \
                 read any more, or if one is closed with bytes unread.",
                "Close only your writing half; then read until the end of \
                 file, and let go after that.",
            ],
            heard,
        )
        .starter_breaks(END)
        .wrong("close", HEARD)
        .wrong("shutdown-only", HEARD)
        .wrong("shutdown-both", HEARD)
        .wrong("says-enough", END)
}

/// A receipt that nobody read is answered by RST: when it comes to a socket
/// that is closed, or when the socket is closed with it inside.
fn heard(run: &Evidence) -> Finding {
    run.ack_of("receipt").is_there().and(run.segments().with_flag('R').none())
}

fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    let (mut client, _) = listener.accept()?;
    let (text, end) = read_all(&client, secs(1))?;
    net.observe("text", &text)?;
    net.observe("end", &end)?;
    if text == TEXT && end == "end of file" {
        let _ = client.write_all(RECEIPT);
        until_read(net, &client)?;
    }
    Ok(())
}

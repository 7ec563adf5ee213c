//! # Exercise: Monday morning
//!
//! A sick system: a client keeps an idle connection, the server closes it, and
//! the first request after the weekend fails.

use std::io::Write;

use anyhow::Result;
use lab_kit::{
    Exercise, Experiment, Net, cable, number, one_of, outcome, tcp_state,
};

use crate::pair::greet;

const CAUSE: &str = "the cause is named";
const WHO: &str = "the program that has to change is named";
const SEGMENT: &str = "the segment that had told it is named";

pub(crate) fn exercise() -> Exercise {
    let question = "Why does the first request fail?";
    let experiment = Experiment::new("monday-morning", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script();
    let causes =
        ["crash", "firewall", "unread-bytes", "end-not-read", "end-not-closed"];
    Exercise::diagnose("Monday morning", experiment)
        .asks("cause", "Why does the request fail?", one_of(causes))
        .asks("who", "Whose program has to change?", hosts())
        .asks("segment", "Which segment had told it before?", number())
        .rule(
            5,
            CAUSE,
            [
                "Read the two states of Sunday night. What do they say about \
                 each program?",
                "Which segment was there long before the RST? And what does \
                 a Recv-Q of 1 count, where no byte has come?",
                "The server has closed, the client's kernel knows it, and its \
                 program has not read that far.",
            ],
            |run| run.said("cause").is("end-not-read"),
        )
        .rule(
            2,
            WHO,
            [
                "Who may close an idle connection?",
                "To close is everybody's right. To write without looking?",
                "The one that wrote on a connection whose end had come.",
            ],
            |run| run.said("who").is("client"),
        )
        .rule(
            3,
            SEGMENT,
            [
                "The RST comes too late to be a warning.",
                "What takes a socket from ESTAB to CLOSE-WAIT?",
                "The server's FIN: what is its number in the ladder?",
            ],
            |run| {
                let fins = run.segments().from("server").with_flag('F');
                run.said("segment").names(&fins)
            },
        )
        .wrong("firewall", CAUSE)
        .wrong("keeps-the-end", CAUSE)
        .wrong("server", WHO)
        .wrong("too-late", SEGMENT)
}

fn hosts() -> lab_kit::Form {
    one_of(["client", "server"])
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    net.step("Friday evening")?;
    drop(pair.server); // idle for too long
    net.until_state("server", "FIN-WAIT-2")?;
    net.step("Sunday night")?;
    net.on("client", || -> Result<()> {
        net.observe("write", outcome(pair.client.write(b"good morning")))?;
        net.until("RST", || Ok(tcp_state(&pair.client)? == "CLOSED"))?;
        net.observe("write", outcome(pair.client.write(b"hello?")))
    })?;
    net.step("Monday morning")?;
    net.keep(pair.client);
    net.keep(pair.listener);
    Ok(())
}
// ANCHOR_END: script

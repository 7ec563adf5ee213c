//! # Three segments or four
//!
//! **Question.** Textbooks close a connection with four segments, captures
//! often show three. Who decides?
//!
//! The kernel that receives a FIN has nothing to say yet, so its ACK is a
//! delayed ACK. If the application closes before that timer fires, the ACK
//! rides on the FIN (RFC 9293, section 3.6).

use std::io::Read;

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Evidence, Experiment, Net, Selection, cable, fails, option};

use crate::pair::{connect, greet};

// ANCHOR: experiment
pub(crate) fn three() -> Experiment {
    family("three-segments", "The server closes at once. How many segments?")
        .option("server", "dawdles", false)
        .claim("three segments close the connection", |run| {
            closing(run).are(&["client F.", "server F.", "client ."])
        })
        .claim("the server's FIN acknowledges the client's", |run| {
            let client = closing(run).from("client").with_flag('F');
            let fin = client.first().segment().map_or(0, |fin| fin.end());
            closing(run)
                .from("server")
                .first()
                .acks(fin)
                .and(closing(run).from("server").first().has_flags("F."))
        })
        .what_if(
            "server-dawdles",
            option("server", "dawdles", true),
            fails([
                "three segments close the connection",
                "the server's FIN acknowledges the client's",
            ]),
        )
}

pub(crate) fn four() -> Experiment {
    let four = ["client F.", "server .", "server F.", "client ."];
    family("four-segments", "The server closes later. How many segments?")
        .option("server", "dawdles", true)
        .claim("four segments close the connection", move |run| {
            closing(run).are(&four)
        })
        .claim("the ACK of the FIN is a delayed one", |run| {
            run.counter("server", "TcpExtDelayedACKs").is(1)
        })
        .claim("it waits 40 ms", |run| {
            closing(run).nth(2).after(closing(run).nth(1)).at_least(DELAYED_ACK)
        })
        .what_if(
            "server-closes-at-once",
            option("server", "dawdles", false),
            fails([
                "four segments close the connection",
                "the ACK of the FIN is a delayed one",
                "it waits 40 ms",
            ]),
        )
        .what_if(
            "no-data-before",
            option("client", "greets", false),
            fails(["it waits 40 ms"]),
        )
}

fn family(name: &str, question: &str) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "greets", true)
}

/// What is on the link from the first FIN on.
fn closing(run: &Evidence) -> Selection<'_> {
    let fin = run.segments().with_flag('F').first().segment();
    let since = fin.map_or(i64::MAX, |fin| fin.at);
    run.segments().that("from the first FIN on", |s| s.at >= since)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let begin = if net.knob("client:greets") { greet } else { connect };
    let mut pair = begin(net)?;
    drop(pair.client); // FIN
    let end = pair.server.read(&mut [0; 1])?;
    net.on("server", || net.observe("read", end))?;
    if net.knob("server:dawdles") {
        // The ACK has gone out by itself: the client knows that we know.
        net.until_state("client", "FIN-WAIT-2")?;
    }
    drop(pair.server); // FIN, with or without the ACK
    Ok(())
}
// ANCHOR_END: script

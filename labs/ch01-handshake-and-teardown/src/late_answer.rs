//! # An answer nobody can read
//!
//! **Question.** The client closes, the server answers all the same. Which
//! call of the server fails, and how?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, outcome,
    tcp_state,
};

use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The client has closed. Which write of the server fails?";
    Experiment::new("late-answer", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "dawdles", false)
        .option("client", "stays", false)
        .claim("the first write succeeds, the second is EPIPE", |run| {
            writes(run, ["ok", "EPIPE"])
        })
        .claim("then read says end of file, not ECONNRESET", |run| {
            run.observed("server", "then read").is("0 bytes")
        })
        .claim("the client's kernel answers the data with RST", |run| {
            run.segments()
                .from("client")
                .after(run.data("one"))
                .are(&["client R"])
        })
        .claim("and counts an abort on data", |run| {
            run.counter("client", "TcpExtTCPAbortOnData").is(1)
        })
        .shows_counter("client", "TcpExtTCPAbortOnData")
        .what_if(
            "after-fin-wait-2",
            option("server", "dawdles", true),
            fails(["and counts an abort on data"]),
        )
        .what_if(
            "client-stays",
            option("client", "stays", true),
            fails([
                "the first write succeeds, the second is EPIPE",
                "then read says end of file, not ECONNRESET",
                "the client's kernel answers the data with RST",
                "and counts an abort on data",
            ]),
        )
}

fn writes(run: &Evidence, wanted: [&str; 2]) -> Finding {
    run.observed_nth("server", "write", 1)
        .is(wanted[0])
        .and(run.observed_nth("server", "write", 2).is(wanted[1]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    let stays = net.knob("client:stays");
    if stays {
        net.keep(pair.client);
        pair.server.set_nonblocking(true)?; // read() would wait
    } else {
        drop(pair.client);
    }
    let end = said(pair.server.read(&mut [0; 1]));
    if net.knob("server:dawdles") {
        net.until_state("client", "FIN-WAIT-2")?;
    }
    net.on("server", || -> Result<()> {
        net.observe("read", end)?;
        net.observe("write", outcome(pair.server.write(b"one")))?;
        // The RST has come when the kernel has given the connection up.
        net.until("RST", || Ok(stays || tcp_state(&pair.server)? == "CLOSED"))?;
        net.observe("write", outcome(pair.server.write(b"two")))?;
        net.observe("then read", said(pair.server.read(&mut [0; 1])))
    })
}

fn said(read: std::io::Result<usize>) -> String {
    read.map_or_else(|e| outcome::<()>(Err(e)), |n| format!("{n} bytes"))
}
// ANCHOR_END: script

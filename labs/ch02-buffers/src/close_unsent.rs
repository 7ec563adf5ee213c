//! # Closed, with bytes unsent
//!
//! **Question.** The server's window is closed, a segment waits in the client's
//! send buffer. The client calls `close()`. Who keeps the bytes? Who sends them?

use std::io::Read;
use std::time::Duration;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Socket, Truth, cable, fails, option,
    outcome, route, send_queue, sysctl,
};
use socket2::SockRef;

use crate::dials::socket_at;
use crate::pair::{close_window, connect_with};

const ORPHAN: &str =
    "the socket lives on in FIN-WAIT-1, and no process holds it";
const PERSIST: &str = "its timer is the persist timer: bytes, but no window";
const SUM: &str = "Send-Q + Recv-Q is what was written and 1 for the FIN";
const ALL: &str = "the server reads every byte, then the end of file";
const LAST: &str = "one FIN leaves, on the last segment with data";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question =
        "Bytes are unsent when close() is called. What becomes of them?";
    let saying = "close() first sends what is in the send buffer, then FIN";
    Experiment::new("close-unsent", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("client", "linger-0", false)
        .option("server", "reads-before", false)
        .claim(ORPHAN, |run| {
            at_close(run, "FIN-WAIT-1, no process", |s| {
                let held =
                    if s.inode == 0 { "no process" } else { "a process" };
                format!("{}, {held}", s.state)
            })
        })
        .claim(PERSIST, |run| at_close(run, "persist", |s| s.timer.clone()))
        .claim(SUM, |run| {
            let unread =
                socket_at(run, "closed", "server").map_or(0, |s| s.recv_q);
            let sent = run.segments().from("client");
            let all = sent.iter().map(|s| s.end() - 1).max().unwrap_or(0);
            at_close(run, &all.to_string(), |s| (s.send_q + unread).to_string())
        })
        .claim(ALL, |run| run.observed("server", "read").is("all, ok"))
        .claim(LAST, |run| {
            let last = run.segments().from("client").with_data().last();
            let fins = run.segments().from("client").with_flag('F');
            last.has_flags("FP.").and(fins.count_is(1))
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::True, saying, LAST)
        .what_if(
            "linger-0",
            option("client", "linger-0", true),
            fails([ORPHAN, PERSIST, SUM, ALL, LAST]),
        )
        .what_if(
            "reads-before",
            option("server", "reads-before", true),
            fails([ORPHAN, PERSIST, SUM, LAST]),
        )
}

/// What the client's socket looked like after close().
fn at_close(
    run: &Evidence,
    wanted: &str,
    say: impl Fn(&Socket) -> String,
) -> Finding {
    let saw =
        socket_at(run, "closed", "client").map_or("no socket".into(), say);
    Finding::new(saw == wanted, wanted, saw)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    let written = close_window(net, &mut pair)?;
    let mut read = 0;
    if net.knob("server:reads-before") {
        pair.server.read_exact(&mut vec![0; written])?;
        read = written;
        net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    }
    if net.knob("client:linger-0") {
        SockRef::from(&pair.client).set_linger(Some(Duration::ZERO))?;
    }
    drop(pair.client); // close(), which returns
    if read > 0 {
        net.until_state("client", "FIN-WAIT-2")?; // there was nothing left
    }
    net.step("closed")?;
    let mut rest = Vec::new();
    let end = outcome(pair.server.read_to_end(&mut rest));
    read += rest.len();
    let all = if read == written { "all" } else { "less" };
    net.on("server", || net.observe("read", format!("{all}, {end}")))
}
// ANCHOR_END: script

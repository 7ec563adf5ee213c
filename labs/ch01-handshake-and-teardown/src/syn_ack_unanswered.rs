//! # A client that doesn't come back
//!
//! **Question.** The client has sent its SYN and is gone, and no SYN ACK
//! reaches anybody. How often does the server say it, and how long does it
//! remember?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, connect_later, drop, every, fails,
    secs, sysctl, wire,
};

use crate::lost_syn::FIRST_TIMEOUT;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody acknowledges the SYN ACK. How often is it sent?";
    let [two, doubled, counted] = [
        "twice, the second a second later",
        "then the server waits twice as long, and forgets",
        "it counts one retransmission",
    ];
    let lost = every().from("server");
    Experiment::new("syn-ack-unanswered", question)
        .link(wire("client", "server").rule(drop(lost)))
        .script(script)
        .knob(sysctl("server", "net.ipv4.tcp_synack_retries", 1))
        .claim(two, |run| {
            let sent = || run.segments().from("server").with_flag('S');
            let apart = sent().nth(2).after(sent().nth(1));
            sent().count_is(2).and(apart.at_least(FIRST_TIMEOUT))
        })
        .claim(doubled, forgotten_after_three)
        .claim(counted, |run| run.counter("server", "TcpRetransSegs").is(1))
        .shows_counter("server", "TcpRetransSegs")
        .what_if(
            "no-retries",
            sysctl("server", "net.ipv4.tcp_synack_retries", 0),
            fails([two, doubled, counted]),
        )
        .ends_with_script()
}

/// One second for the first SYN ACK, two for the second.
fn forgotten_after_three(run: &Evidence) -> Finding {
    let first = run.segments().from("server").first();
    let sent = first.segment().map_or(i64::MAX, |first| first.at);
    let gone = run.marks.iter().find(|mark| mark.name == "SYN-RECV is gone");
    let kept = gone.map_or(0, |mark| mark.at.saturating_sub(sent));
    let long = kept >= (secs(2) + FIRST_TIMEOUT).as_nanos() as i64;
    let saw = if long { "it did" } else { "it forgot earlier" };
    Finding::new(long, "the server remembers for at least 3 s", saw)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.keep(net.on("server", || TcpListener::bind(net.here(7000)))?);
    let client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    net.until_state("server", "SYN-RECV")?;
    std::mem::drop(client); // close() in SYN-SENT sends nothing
    net.step("the client is gone")?;
    net.until("the server gives up", || {
        let sockets = net.sockets("server")?;
        Ok(sockets.iter().all(|s| s.state != "SYN-RECV"))
    })?;
    net.mark("SYN-RECV is gone")
}
// ANCHOR_END: script

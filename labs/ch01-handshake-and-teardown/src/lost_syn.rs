//! # The first SYN is lost
//!
//! **Question.** The network takes microseconds. The first segment of all is
//! lost, nothing else. How long does `connect()` take?

use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use anyhow::Result;
use lab_kit::{Experiment, Net, drop, fails, ms, nth, option, wire};

/// The first timeout of a SYN or a SYN ACK, when nothing is known of the
/// network (RFC 6298, section 2), less the 10 ms that a coarse clock may take.
pub(crate) const FIRST_TIMEOUT: Duration = ms(990);

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The first SYN is lost. How long does connect() take?";
    let [again, second, counted] = [
        "the same SYN is sent again, and all goes on as usual",
        "a second has passed before that",
        "the client counts one SYN that was sent again",
    ];
    let first_syn = nth(1).from("client").flag('S');
    Experiment::new("lost-syn", question)
        .link(wire("client", "server").rule(drop(first_syn).since("a loss")))
        .script(script)
        .option("client", "loses-the-syn", true)
        .claim(again, |run| {
            let usual = ["client S", "client S", "server S.", "client ."];
            run.segments().are(&usual)
        })
        .claim(second, |run| {
            let syn = |n| run.segments().from("client").with_flag('S').nth(n);
            syn(2).after(syn(1)).at_least(FIRST_TIMEOUT)
        })
        .claim(counted, |run| {
            run.counter("client", "TcpExtTCPSynRetrans").is(1)
        })
        .shows_counter("client", "TcpExtTCPSynRetrans")
        .what_if(
            "nothing-lost",
            option("client", "loses-the-syn", false),
            fails([again, second, counted]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.keep(net.on("server", || TcpListener::bind(net.here(7000)))?);
    if net.knob("client:loses-the-syn") {
        net.mark("a loss")?;
        net.sockets("client")?; // an answer: so the mark has been heard, too
    }
    let client = net.on("client", || {
        TcpStream::connect(net.at("server", 7000)) // blocks until it's there
    })?;
    net.until_state("server", "ESTAB")?;
    net.keep(client);
    Ok(())
}
// ANCHOR_END: script

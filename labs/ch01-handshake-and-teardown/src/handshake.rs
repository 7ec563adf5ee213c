//! # The kernel shakes hands
//!
//! **Question.** The server has called `listen()` and nothing else. How far
//! does a connection get before anybody calls `accept()`?

use std::net::{TcpListener, TcpStream};

use anyhow::{Context, Result};
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, outcome, sysctl,
};

/// What a SYN of this book's hosts offers, in the order it has on the wire.
const OFFER: [&str; 4] = ["mss 1460", "sackOK", "TS", "wscale"];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "How far does a connection get before accept()?";
    Experiment::new("handshake", question)
        .link(cable("client", "server"))
        .script(script)
        .claim("SYN, SYN ACK, ACK", |run| {
            run.segments().are(&["client S", "server S.", "client ."])
        })
        .claim("each acknowledges the other's number plus one", |run| {
            run.segments().nth(2).acks(1).and(run.segments().nth(3).acks(1))
        })
        .claim("the SYN makes four offers", |run| {
            run.segments().nth(1).has_options(&OFFER)
        })
        .claim("the SYN ACK returns the four", |run| {
            run.segments().nth(2).has_options(&OFFER)
        })
        .claim("from then on there are timestamps", |run| {
            run.segments().nth(3).has_options(&["TS"])
        })
        .claim("both are established, nobody has accepted", unaccepted)
        .what_if(
            "server-without-timestamps",
            sysctl("server", "net.ipv4.tcp_timestamps", 0),
            fails([
                "the SYN ACK returns the four",
                "from then on there are timestamps",
            ]),
        )
        .what_if(
            "client-without-sack",
            sysctl("client", "net.ipv4.tcp_sack", 0),
            fails([
                "the SYN makes four offers",
                "the SYN ACK returns the four",
            ]),
        )
        .what_if(
            "nobody-listens",
            option("server", "listens", false),
            fails([
                "SYN, SYN ACK, ACK",
                "each acknowledges the other's number plus one",
                "the SYN ACK returns the four",
                "from then on there are timestamps",
                "both are established, nobody has accepted",
            ]),
        )
        .option("server", "listens", true)
        .ends_with_script()
}

fn unaccepted(run: &Evidence) -> Finding {
    run.states_at("connect() has returned", &["ESTAB", "ESTAB"])
        .and(run.observed("server", "connections to accept").is("1"))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let connect = || TcpStream::connect(net.at("server", 7000));
    if !net.knob("server:listens") {
        drop(listener);
        let refused = outcome(net.on("client", connect));
        return net.on("client", || net.observe("connect", refused));
    }
    let client = net.on("client", connect)?;
    net.until_state("server", "ESTAB")?;
    net.step("connect() has returned")?;

    // What `ss -l` shows as Recv-Q of a listener.
    let sockets = net.sockets("server")?;
    let waiting = sockets.iter().find(|s| s.state == "LISTEN");
    let waiting = waiting.context("the listener is gone")?.recv_q;
    net.on("server", || net.observe("connections to accept", waiting))?;
    net.keep(listener.accept()?.0); // no segment follows from it
    net.keep(client); // closing is for later experiments
    net.keep(listener);
    Ok(())
}
// ANCHOR_END: script

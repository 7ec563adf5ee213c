//! # A SYN for a connection that exists
//!
//! **Question.** The client lost power and connects again from the same port,
//! while the server still holds the old connection. What does it answer?

use std::io::Read;

use crate::pair::{after_greeting, greet};
use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Experiment, Net, connect_later, every, fails, hold, ms, option, outcome,
    vanish, wire,
};

const STEPS: [(&str, [&str; 2]); 5] = [
    ("the client is back and connects", ["SYN-SENT", "ESTAB"]),
    ("its SYN arrives", ["SYN-SENT", "ESTAB"]),
    ("the challenge arrives", ["SYN-SENT", "ESTAB"]),
    ("the client's RST arrives", ["SYN-SENT", "-"]),
    ("its next SYN arrives", ["SYN-SENT", "SYN-RECV"]),
];

const CHALLENGES: &str = "TcpExtTCPSYNChallenge";
#[rustfmt::skip] // the challenge and its answer, then a handshake
const SEGMENTS: [&str; 6] = [
    "client S", "server .", "client R",
    "client S", "server S.", "client .",
];
const CLAIMS: [&str; 6] = [
    "a SYN changes nothing, the client's RST ends the old connection",
    "the server challenges, the client resets, the next SYN connects",
    "that SYN doesn't wait for the usual second",
    "the server sends no RST",
    "the server counts one challenge",
    "its old socket says ECONNRESET",
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let [states, order, soon, no_rst, counted, reset] = CLAIMS;
    Experiment::new("syn-again", "A SYN on an open connection. The answer?")
        .link(wire("client", "server").rule(hold(every()).since("back")))
        .script(script)
        .option("server", "remembers", true)
        .option("server", "listens", true)
        .claim(states, |run| {
            all(STEPS.map(|(label, states)| run.states_at(label, &states)))
        })
        .claim(order, |run| after_greeting(run).are(&SEGMENTS))
        .claim(soon, |run| {
            let rst = run.segments().with_flag('R').first();
            let syn = run.segments().after(rst.clone()).with_flag('S').first();
            syn.after(rst).at_most(ms(500))
        })
        .claim(no_rst, |run| run.counter("server", "TcpOutRsts").is(0))
        .claim(counted, |run| run.counter("server", CHALLENGES).is(1))
        .claim(reset, |run| run.observed("server", "read").is("ECONNRESET"))
        .shows_counter("server", CHALLENGES)
        .shows_counter("server", "TcpOutRsts")
        .what_if(
            "server-forgot-too",
            option("server", "remembers", false),
            fails([states, order, soon, counted, reset]),
        )
        .what_if(
            "server-is-down",
            ["remembers", "listens"].map(|what| option("server", what, false)),
            fails(CLAIMS),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    let port = pair.client.local_addr()?.port();
    vanish(pair.client)?;
    let listener = net.knob("server:listens").then_some(pair.listener);
    let mut old = Some(pair.server);
    if !net.knob("server:remembers") {
        old.take().map(vanish).transpose()?;
    }
    net.mark("back")?;
    net.sockets("client")?; // an answer: so the mark has been heard, too
    net.keep(net.on("client", || {
        connect_later(net.here(port), net.at("server", 7000))
    })?);
    net.held("client")?;
    net.step(STEPS[0].0)?;
    net.deliver("client")?;
    net.step(STEPS[1].0)?;
    net.deliver("server")?;
    if let Some(mut old) = old {
        net.step(STEPS[2].0)?;
        net.deliver("client")?;
        net.step(STEPS[3].0)?;
        let read = || net.observe("read", outcome(old.read(&mut [0])));
        net.on("server", read)?;
        net.deliver("client")?;
        net.step(STEPS[4].0)?;
        net.deliver("server")?;
    }
    let Some(listener) = listener else { return Ok(()) }; // it was a RST
    net.deliver("client")?;
    net.keep(listener.accept()?.0);
    net.step("the client is connected again")
}
// ANCHOR_END: script

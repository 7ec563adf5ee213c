//! # The SYN ACK is lost
//!
//! **Question.** The server has answered, the answer is lost. Who asks again:
//! the client, which knows of nothing, or the server, which knows of half a
//! connection?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{Experiment, Net, connect_later, fails, option, wire};

use crate::lost_syn::FIRST_TIMEOUT;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The SYN ACK is lost. Which of the two asks again?";
    let [half, both, opens] = [
        "the server has half a connection, the client none",
        "a second later both ask again, each with what it sent before",
        "the second SYN ACK opens the connection",
    ];
    Experiment::new("lost-syn-ack", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("server", "syn-ack-arrives", false)
        .option("client", "second-syn-arrives", false)
        .claim(half, |run| {
            run.states_at("the SYN ACK is lost", &["SYN-SENT", "SYN-RECV"])
        })
        .claim(both, |run| {
            let sent =
                |host, n| run.segments().from(host).with_flag('S').nth(n);
            let again = |host| {
                sent(host, 2).after(sent(host, 1)).at_least(FIRST_TIMEOUT)
            };
            again("client").and(again("server"))
        })
        .claim(opens, |run| {
            run.states_at("the second SYN ACK arrives", &["ESTAB", "SYN-RECV"])
        })
        .what_if(
            "the-syn-arrives-instead",
            option("client", "second-syn-arrives", true),
            fails([opens]),
        )
        .what_if(
            "nothing-lost",
            option("server", "syn-ack-arrives", true),
            fails([half, both, opens]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.keep(net.on("server", || TcpListener::bind(net.here(7000)))?);
    net.keep(net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?);
    net.deliver("client")?; // SYN
    if net.knob("server:syn-ack-arrives") {
        net.deliver("server")?;
        net.deliver("client")?; // ACK
        return net.step("nothing is lost");
    }
    net.lose("server")?; // SYN ACK
    net.step("the SYN ACK is lost")?;
    net.held("client")?; // both timers run, and neither end can see
    net.held("server")?; // what the other has sent
    if net.knob("client:second-syn-arrives") {
        net.lose("server")?;
        net.deliver("client")?; // the server answers it at once
        net.deliver("server")?;
    } else {
        net.lose("client")?;
        net.deliver("server")?;
        net.step("the second SYN ACK arrives")?;
    }
    net.deliver("client")?; // ACK
    net.step("the ACK arrives")
}
// ANCHOR_END: script

//! # The last ACK is lost
//!
//! **Question.** The client has acknowledged the server's FIN, and as far as
//! it knows all is done. The ACK is lost. Who answers when the server asks?

use std::net::TcpListener;

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Experiment, Net, connect_later, fails, option, sysctl, wire};

/// What has just happened, and the states that follow: client, server.
const STEPS: [(&str, [&str; 2]); 3] = [
    ("the last ACK is lost", ["TIME-WAIT", "LAST-ACK"]),
    ("the FIN arrives again", ["TIME-WAIT", "LAST-ACK"]),
    ("its answer arrives", ["TIME-WAIT", "-"]),
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The close's last ACK is lost. Who answers the next FIN?";
    let [states, answer, no_reset] = [
        "the server is in LAST-ACK until the TIME-WAIT has answered",
        "the FIN comes again, and so does its ACK",
        "nobody is reset",
    ];
    Experiment::new("last-ack-lost", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("client", "ack-arrives", false)
        .claim(states, |run| {
            all(STEPS.map(|(label, states)| run.states_at(label, &states)))
        })
        .claim(answer, |run| {
            let fin = run.segments().from("server").with_flag('F');
            let twice = ["server F.", "client .", "server F.", "client ."];
            run.segments()
                .after(run.segments().nth(5))
                .are(&twice)
                .and(fin.retransmissions().count_is(1))
        })
        .claim(no_reset, |run| run.segments().with_flag('R').none())
        .what_if(
            "no-time-wait",
            sysctl("client", "net.ipv4.tcp_max_tw_buckets", 0),
            fails([states, answer, no_reset]),
        )
        .what_if(
            "ack-arrives",
            option("client", "ack-arrives", true),
            fails([states, answer]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client = net.on("client", || {
        connect_later(net.here(40000), net.at("server", 7000))
    })?;
    for sender in ["client", "server", "client"] {
        net.deliver(sender)?; // SYN, SYN ACK, ACK
    }
    let (server, _) = listener.accept()?;
    drop(client);
    net.deliver("client")?; // FIN
    net.deliver("server")?; // its ACK
    drop(server);
    net.deliver("server")?; // the other FIN
    if net.knob("client:ack-arrives") {
        return net.deliver("client");
    }
    net.lose("client")?;
    net.step(STEPS[0].0)?;
    net.deliver("server")?; // the same FIN, after its timeout
    net.step(STEPS[1].0)?;
    net.deliver("client")?;
    net.step(STEPS[2].0)
}
// ANCHOR_END: script

//! # Sixty seconds
//!
//! **Question.** Somebody set `tcp_fin_timeout` to 5 to be rid of TIME-WAIT.
//! Which side has it, and how long will it stay?

use std::io::Read;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, sysctl};

use crate::close_wait::left;
use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Who waits, how long, and does tcp_fin_timeout matter?";
    let [who, long] = [
        "the side that closed first waits, the other is free",
        "for 60 s, whatever tcp_fin_timeout says",
    ];
    Experiment::new("time-wait", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_fin_timeout", 5))
        .option("server", "closes-first", false)
        .claim(who, |run| {
            run.states_at("both have closed", &["TIME-WAIT", "-"])
        })
        // The timer was set a moment ago, and the machine may be slow.
        .claim(long, |run| {
            let waits = run.option("server", "closes-first");
            let host = if waits { "server" } else { "client" };
            left(run, host, "TIME-WAIT", 50_000..=60_000)
        })
        .what_if(
            "server-closes-first",
            option("server", "closes-first", true),
            fails([who]),
        )
        .what_if(
            "no-buckets",
            sysctl("client", "net.ipv4.tcp_max_tw_buckets", 0),
            fails([who, long]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    let (first, second) = match net.knob("server:closes-first") {
        false => (pair.client, pair.server),
        true => (pair.server, pair.client),
    };
    close_in_turn(net, first, second)?;
    net.step("both have closed")
}

/// Closes one end, then, when its FIN has been read, the other.
pub(crate) fn close_in_turn(
    net: &Net,
    first: std::net::TcpStream,
    mut second: std::net::TcpStream,
) -> Result<()> {
    drop(first);
    second.read_to_end(&mut Vec::new())?;
    drop(second);
    net.until("the last ACK has arrived", || {
        let sockets = [net.sockets("client")?, net.sockets("server")?].concat();
        let done = ["LISTEN", "TIME-WAIT"];
        Ok(sockets.iter().all(|s| done.contains(&s.state.as_str())))
    })
}
// ANCHOR_END: script

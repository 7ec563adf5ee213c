//! # A server full of TIME-WAIT
//!
//! **Question.** The server has closed first, and every pair of ports that it
//! shares with the client is in TIME-WAIT. Whom does it refuse now?

use std::net::TcpListener;

use crate::server::{close, connect};
use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, sysctl};

const FULL: &str = "every pair of ports is in TIME-WAIT, at the server";
const SAME: &str = "the client connects again, from the same four ports";
const OUT: &str = "the server's two outgoing ports are free";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "TIME-WAIT on every pair of ports. Who is kept out?";
    Experiment::new("busy-server", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40003"))
        .knob(sysctl("server", "net.ipv4.ip_local_port_range", "41000 41001"))
        .option("client", "closes-first", false)
        .option("server", "was-a-client", false)
        .claim(FULL, |run| {
            let four = ["TIME-WAIT"; 4].join("+");
            run.states_at("four connections later", &["-", &four])
        })
        .claim(SAME, |run| run.observed("client", "connects").is("4 of 4"))
        .claim(OUT, |run| run.observed("server", "connects").is("2 of 2"))
        .what_if(
            "client-closes-first",
            option("client", "closes-first", true),
            fails([FULL, SAME]),
        )
        .what_if(
            "server-was-a-client",
            option("server", "was-a-client", true),
            fails([FULL, OUT]),
        )
        .folklore(
            Truth::False,
            "SO_LINGER with 0 s is needed, or TIME_WAIT uses up the ports \
             of a server",
            SAME,
        )
        .folklore(Truth::Partly, "TIME_WAIT blocks its pair of ports", SAME)
        .folklore_note(
            "For the side that connects, and for a bind() without flags.",
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let there = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let back = net.on("client", || TcpListener::bind(net.here(8000)))?;
    for port in 40000..40004 {
        let (client, server) = connect(net, "client", port, &there)?;
        match net.knob("client:closes-first") {
            false => close(server, client)?,
            true => close(client, server)?,
        }
    }
    if net.knob("server:was-a-client") {
        for port in 41000..41002 {
            let (server, client) = connect(net, "server", port, &back)?;
            close(server, client)?;
        }
    }
    net.until("all are closed", || {
        let sockets = [net.sockets("client")?, net.sockets("server")?].concat();
        let done = ["LISTEN", "TIME-WAIT"];
        Ok(sockets.iter().all(|s| done.contains(&s.state.as_str())))
    })?;
    net.step("four connections later")?;
    for (host, listener, n) in [("client", &there, 4), ("server", &back, 2)] {
        let made = (0..n).map(|_| connect(net, host, 0, listener));
        let made: Vec<_> = made.filter_map(Result::ok).collect();
        let said = format!("{} of {n}", made.len());
        net.on(host, || net.observe("connects", said))?;
        for (one, other) in made {
            net.keep(one);
            net.keep(other);
        }
    }
    Ok(())
}
// ANCHOR_END: script

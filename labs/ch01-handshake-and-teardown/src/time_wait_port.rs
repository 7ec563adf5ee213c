//! # What a TIME-WAIT is in the way of
//!
//! **Question.** One connection has just been closed. Can the same client
//! connect again? To the same port of the same server?
//!
//! The client has one port to connect from, so that one TIME-WAIT is as good
//! as 28,232 of them.

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, sysctl};

use crate::pair::greet;
use crate::time_wait::close_in_turn;

// ANCHOR: experiment
pub(crate) fn at_client() -> Experiment {
    let question = "TIME-WAIT holds the client's only port. What still works?";
    let [same, other] = [
        "the same destination is EADDRNOTAVAIL",
        "another port of the same server is not",
    ];
    family("time-wait-port", question)
        .option("server", "closes-first", false)
        .option("client", "uses-both", false)
        .claim(same, |run| {
            run.observed("client", "to the same port").is("EADDRNOTAVAIL")
        })
        .claim(other, |run| run.observed("client", "to another port").is("ok"))
        .what_if(
            "server-closes-first",
            option("server", "closes-first", true),
            fails([same]),
        )
        .what_if(
            "one-port-more",
            sysctl("client", RANGE, "40000 40001"),
            fails([same]),
        )
        .what_if(
            "uses-both",
            option("client", "uses-both", true),
            fails([other]),
        )
}

pub(crate) fn at_server() -> Experiment {
    let question = "The server has the TIME-WAIT. Is the client kept out?";
    let [again, place] = [
        "from the same port to the same port: connected at once",
        "the new connection has taken the TIME-WAIT's place",
    ];
    family("time-wait-server", question)
        .option("server", "closes-first", true)
        .claim(again, |run| run.observed("client", "to the same port").is("ok"))
        .claim(place, |run| {
            let before = run.states_at("both have closed", &["-", "TIME-WAIT"]);
            before.and(run.states_left("server").is("ESTAB+ESTAB"))
        })
        .what_if(
            "client-closes-first",
            option("server", "closes-first", false),
            fails([again, place]),
        )
}

fn family(name: &str, question: &str) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", RANGE, "40000 40000"))
        .knob(sysctl("client", "net.ipv4.tcp_tw_reuse", 0))
        .ends_with_script()
}

const RANGE: &str = "net.ipv4.ip_local_port_range";
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    net.keep(pair.listener);
    net.keep(net.on("server", || TcpListener::bind(net.here(7001)))?);
    if net.knob("server:closes-first") {
        close_in_turn(net, pair.server, pair.client)?;
    } else {
        close_in_turn(net, pair.client, pair.server)?;
    }
    net.step("both have closed")?;
    if net.knob("client:uses-both") {
        let second = || TcpStream::connect(net.at("server", 7001));
        net.keep(net.on("client", second)?);
    }
    net.on("client", || -> Result<()> {
        for (port, what) in
            [(7000, "to the same port"), (7001, "to another port")]
        {
            let again = TcpStream::connect(net.at("server", port));
            net.observe(what, outcome(again.map(|socket| net.keep(socket))))?;
        }
        Ok(())
    })?;
    net.until("nobody is still opening", || {
        let server = net.sockets("server")?;
        Ok(server.iter().all(|s| s.state != "SYN-RECV"))
    })
}
// ANCHOR_END: script

//! # What tcp_tw_reuse needs, all of it
//!
//! **Question.** Three values, a network or loopback, timestamps or none, an
//! old TIME-WAIT or a young one: in which of the 24 cases does `connect()`
//! get the port that is in TIME-WAIT?

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Experiment, Knob, Net, cable, fails, loopback, option, outcome, sysctl,
};

use crate::tw_reuse_cases::{Case, NETWORKS, NO, no_case, table};

const RANGE: &str = "net.ipv4.ip_local_port_range";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "In which of 24 cases does tcp_tw_reuse free the port?";
    let [one, two, stamps, age, off] = [
        "1 frees it on the network and on loopback",
        "2 frees it on loopback only",
        "without timestamps nothing frees it",
        "before tcp_tw_reuse_delay has passed nothing frees it",
        "0 frees nothing",
    ];
    Experiment::new("tw-reuse-matrix", question)
        .link(cable("client", "server"))
        .link(loopback("lo1", "lo2"))
        .since((6, 14), "ca6a6f93867a", "tcp_tw_reuse_delay")
        .script(script)
        .knob(sysctl("client", RANGE, "40000 40000"))
        .knob(sysctl("lo1", RANGE, "40000 40000"))
        // What the words of a case mean; what-ifs change it.
        .option("client", "stamps-on", 1)
        .option("client", "stamps-off", 0)
        .option("client", "young", 60_000) // tcp_tw_reuse_delay, ms
        .option("client", "old", 1)
        .option("client", "0", 0) // tcp_tw_reuse
        .option("client", "1", 1)
        .option("client", "2", 2)
        .claim(one, |run| {
            let case = |host| run.observed(host, "1, stamps on, old").is("ok");
            case("client").and(case("lo1"))
        })
        .claim(two, |run| {
            let case = |host| run.observed(host, "2, stamps on, old");
            case("client").is(NO).and(case("lo1").is("ok"))
        })
        .claim(stamps, |run| no_case(run, "stamps off, ", &["0", "1", "2"]))
        .claim(age, |run| no_case(run, "young", &["1", "2"]))
        .claim(off, |run| no_case(run, "", &["0"]))
        .what_if("never-old", means("old", 60_000), fails([one, two]))
        .what_if("never-young", means("young", 1), fails([age]))
        .what_if("one-is-off", means("1", 0), fails([one]))
        .what_if("zero-is-one", means("0", 1), fails([off]))
        .what_if("always-stamps", means("stamps-off", 1), fails([stamps]))
        .figure("tcp_tw_reuse: does connect() get the port?", table)
        .ends_with_script()
}

fn means(word: &str, value: u32) -> Knob {
    option("client", word, value)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for (client, server) in NETWORKS {
        for (stamps, port) in [("on", 7000), ("off", 7001)] {
            let at = net.on(server, || net.here(port));
            let listener = net.on(server, || TcpListener::bind(at))?;
            let stamped = net.number(&format!("client:stamps-{stamps}"))?;
            let case = Case { net, client, server, listener, port };
            net.on(client, || {
                net.turn("net.ipv4.tcp_timestamps", stamped)?;
                case.try_all(stamps)
            })?;
        }
    }
    Ok(())
}

impl Case<'_> {
    fn try_all(&self, stamps: &str) -> Result<()> {
        let net = self.net;
        let there = net.at(self.server, self.port);
        self.leave_a_time_wait(TcpStream::connect(there)?)?;
        for value in ["0", "1", "2"] {
            let reuse = net.number(&format!("client:{value}"))?;
            net.turn("net.ipv4.tcp_tw_reuse", reuse)?;
            for age in ["young", "old"] {
                let delay = net.number(&format!("client:{age}"))?;
                net.turn("net.ipv4.tcp_tw_reuse_delay", delay)?;
                let mut new = None;
                let again = TcpStream::connect(there);
                let said = outcome(again.map(|socket| new = Some(socket)));
                net.observe(&format!("{value}, stamps {stamps}, {age}"), said)?;
                // It has used the TIME-WAIT up: make another.
                new.map_or(Ok(()), |socket| self.leave_a_time_wait(socket))?;
            }
        }
        Ok(())
    }
}
// ANCHOR_END: script

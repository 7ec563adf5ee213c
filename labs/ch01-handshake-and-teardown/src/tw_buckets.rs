//! # The limit on TIME-WAIT
//!
//! **Question.** `tcp_max_tw_buckets` is 2, and five connections are closed,
//! one after the other. Which of the five get their TIME-WAIT?

use std::io::Read;
use std::net::{Shutdown, TcpListener};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, cable, connect_later, fails, sysctl, tcp_state,
};

const BUCKETS: &str = "net.ipv4.tcp_max_tw_buckets";
const OVERFLOW: &str = "TcpExtTCPTimeWaitOverflow";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Room for two TIME-WAITs, five are due. Which are kept?";
    let [oldest, counted] = [
        "the first two stay, the later ones are never made",
        "the kernel counts the three that are missing",
    ];
    Experiment::new("tw-buckets", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", BUCKETS, 2))
        .claim(oldest, |run| {
            let waiting = run.observed("client", "ports in TIME-WAIT");
            waiting.is("40001 40002")
        })
        .claim(counted, |run| run.counter("client", OVERFLOW).is(3))
        .shows_counter("client", OVERFLOW)
        .what_if(
            "room-for-all",
            sysctl("client", BUCKETS, 131_072),
            fails([oldest, counted]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    for port in 40001..=40005 {
        let client = net.on("client", || {
            connect_later(net.here(port), net.at("server", 7000))
        })?;
        let (mut server, _) = listener.accept()?;
        // Not close(): an orphan in FIN-WAIT-2 would need a bucket, too.
        client.shutdown(Shutdown::Write)?;
        server.read_to_end(&mut Vec::new())?;
        drop(server);
        net.until("both have closed", || Ok(tcp_state(&client)? == "CLOSED"))?;
    }
    let mut ports: Vec<_> =
        net.sockets("client")?.iter().map(|s| s.local_port).collect();
    ports.sort();
    let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
    net.on("client", || net.observe("ports in TIME-WAIT", ports.join(" ")))
}
// ANCHOR_END: script

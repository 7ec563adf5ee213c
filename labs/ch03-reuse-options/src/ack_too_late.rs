//! # The third segment comes too late
//!
//! **Question.** The listener that answered the SYN is closed while the
//! client's ACK is on its way. The port still has a listener. Is that enough?

use anyhow::Result;
use lab_kit::{
    Experiment, Net, connect_later, fails, option, outcome, sysctl, wire,
};

use crate::group::Group;
use crate::steer::by_port;

const MIGRATE: &str = "net.ipv4.tcp_migrate_req";
const HALF: &str = "the client is connected, and the server has nothing";
const RESET: &str = "the answer to its ACK is a RST";
const NOBODY: &str = "the other listener never hears of it";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The listener leaves before the third segment. And now?";
    Experiment::new("ack-too-late", question)
        .link(wire("client", "server").held())
        .script(script)
        .option("server", "one-leaves", true)
        .claim(HALF, |run| run.states_at("the ACK arrives", &["ESTAB", "-"]))
        .claim(RESET, |run| {
            let two = run.segments().from("server");
            two.are(&["server S.", "server R"])
        })
        .claim(NOBODY, |run| run.observed("server", "accept").is("EAGAIN"))
        .shows_counter("server", "TcpExtTCPMigrateReqSuccess")
        .what_if(
            "migrate",
            sysctl("server", MIGRATE, 1),
            fails([HALF, RESET, NOBODY]),
        )
        .what_if_since((5, 14), "f9ac779f881c", MIGRATE)
        .what_if(
            "nobody-leaves",
            option("server", "one-leaves", false),
            fails([HALF, RESET]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut group = Group::of(net, 7000, 2)?;
    by_port(&group.listeners[0], 2)?; // port 5000: the first of the two
    let to = net.on("client", || net.at("server", 7000));
    let client = net.on("client", || connect_later(net.here(5000), to))?;
    net.deliver("client")?;
    net.deliver("server")?;
    net.step("the SYN ACK arrives")?;
    let other = group.listeners.remove(1);
    if net.knob("server:one-leaves") {
        group.listeners.clear();
    }
    net.deliver("client")?;
    net.step("the ACK arrives")?;
    net.release()?;

    let accepted = other.accept().map(|(socket, _)| net.keep(socket));
    net.on("server", || net.observe("accept", outcome(accepted)))?;
    net.keep(client);
    net.keep(other);
    group.listeners.into_iter().for_each(|one| net.keep(one));
    Ok(())
}
// ANCHOR_END: script

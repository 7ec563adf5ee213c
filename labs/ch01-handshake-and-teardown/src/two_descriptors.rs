//! # The other descriptor
//!
//! **Question.** A process forked, or a library kept a copy of the
//! descriptor. What does `close()` send?

use std::io::{Read, Write};
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, send_queue};

use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two descriptors, one is closed. What does close() send?";
    Experiment::new("two-descriptors", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "shuts-down", false)
        .claim("closing one of two changes no state", |run| {
            run.states_at("one is closed", &["ESTAB", "ESTAB"])
        })
        .claim("the other one still sends", |run| {
            run.observed("client", "write").is("ok")
        })
        .claim("the FIN comes with the last close()", |run| {
            let fins = run.segments().from("client").with_flag('F');
            fins.first().leaves_after(run.data("still here"))
        })
        .what_if(
            "shutdown",
            option("client", "shuts-down", true),
            fails([
                "closing one of two changes no state",
                "the other one still sends",
                "the FIN comes with the last close()",
            ]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    let mut other = pair.client.try_clone()?; // dup(2), as fork() would
    if net.knob("client:shuts-down") {
        pair.client.shutdown(Shutdown::Write)?; // the connection, not the fd
        net.until_state("client", "FIN-WAIT-2")?;
    }
    drop(pair.client);
    net.step("one is closed")?;
    let written = outcome(other.write(b"still here"));
    net.on("client", || net.observe("write", written))?;
    net.until("it is acknowledged", || Ok(send_queue(&other)? == 0))?;
    drop(other);
    pair.server.read_to_end(&mut Vec::new())?; // until the FIN
    Ok(())
}
// ANCHOR_END: script

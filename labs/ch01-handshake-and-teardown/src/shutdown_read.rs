//! # shutdown(Read)
//!
//! **Question.** The server calls `shutdown(Read)`: it wants to hear no more.
//! How is the client told?

use std::io::{Read, Write};
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, send_queue, tcp_state};

use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The server wants to hear no more. How is the client told?";
    let [states, read, fins] = [
        "shutdown(Read) changes no state",
        "what the client sends is acknowledged and can be read",
        "no segment tells the client",
    ];
    Experiment::new("shutdown-read", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "shuts-all", false)
        .claim(states, |run| {
            run.states_at("the server has shut down", &["ESTAB", "ESTAB"])
        })
        .claim(read, |run| run.observed("server", "read").is("still here"))
        .claim(fins, |run| {
            let before = run.segments().before(run.data("still here"));
            before.with_flag('F').none()
        })
        .what_if(
            "shutdown-both",
            option("server", "shuts-all", true),
            fails([states, read, fins]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    if net.knob("server:shuts-all") {
        pair.server.shutdown(Shutdown::Both)?; // this one sends a FIN
        net.until_state("server", "FIN-WAIT-2")?;
    } else {
        pair.server.shutdown(Shutdown::Read)?;
    }
    net.step("the server has shut down")?;
    pair.client.write_all(b"still here")?;
    net.until("it is acknowledged, or a RST has come", || {
        let reset = tcp_state(&pair.client)? == "CLOSED";
        Ok(reset || send_queue(&pair.client)? == 0)
    })?;
    let mut heard = vec![0; 20];
    let n = pair.server.read(&mut heard).unwrap_or(0);
    let heard = String::from_utf8_lossy(&heard[..n]);
    net.on("server", || net.observe("read", heard))?;
    drop(pair.client);
    // Until the FIN; after a RST there is nothing to wait for.
    let _ = pair.server.read_to_end(&mut Vec::new());
    Ok(())
}
// ANCHOR_END: script

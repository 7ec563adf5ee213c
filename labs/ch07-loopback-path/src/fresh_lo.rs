//! # A fresh lo
//!
//! **Question.** A container, a sandbox, `unshare -n`: a program gets a
//! network namespace of its own. Can it talk to 127.0.0.1?

use std::net::TcpStream;
use std::thread;

use anyhow::{Context, Result};
use lab_kit::{Experiment, Net, cable, fails, option, outcome};
use nix::sched::{CloneFlags, unshare};

use crate::device::switch;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Does 127.0.0.1 work in a fresh network namespace?";
    let off = "lo is there but switched off: ENETUNREACH";
    Experiment::new("fresh-lo", question)
        .link(cable("machine", "peer"))
        .option("machine", "switches-on", false)
        .script(script)
        .claim(off, |run| run.observed("machine", "connect").is("ENETUNREACH"))
        .what_if(
            "switched-on",
            option("machine", "switches-on", true),
            fails([off]),
        )
        .ends_with_script()
}

// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let switch_on = net.knob("machine:switches-on");
    // In a thread of its own: it doesn't come back from where it goes.
    let inside = thread::spawn(move || in_a_fresh_namespace(switch_on));
    let said = inside.join().expect("it returns an error, no panic")?;
    net.on("machine", || net.observe("connect", said))
}

fn in_a_fresh_namespace(switch_on: bool) -> Result<String> {
    unshare(CloneFlags::CLONE_NEWNET).context("a namespace of its own")?;
    if switch_on {
        switch("lo", true)?;
    }
    Ok(outcome(TcpStream::connect("127.0.0.1:7000")))
}
// ANCHOR_END: script

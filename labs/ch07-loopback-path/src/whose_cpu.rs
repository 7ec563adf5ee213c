//! # On whose CPU
//!
//! **Question.** The sender is pinned to one CPU, the reader to the other.
//! Which of them takes the packet through IP and UDP to the reader's socket?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Truth, cable, fails, option, sysctl,
};

use crate::cpu::{incoming_cpu, stay_on};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Whose CPU receives what comes through lo, or a veth?";
    let [lo, veth] = [
        "through lo, it is received on the sender's CPU",
        "through a veth to another namespace, too",
    ];
    Experiment::new("whose-cpu", question)
        .link(cable("sender", "reader"))
        .option("sender", "moves", true)
        .script(script)
        .claim(lo, |run| follows(run, "sender"))
        .claim(veth, |run| follows(run, "reader"))
        .what_if(
            "rps",
            sysctl("reader", "net.core.rps_default_mask", 2),
            fails([veth]),
        )
        .what_if_since((6, 3), "605cfa1b1090", "net.core.rps_default_mask")
        .what_if(
            "sender-stays",
            option("sender", "moves", false),
            fails([lo, veth]),
        )
        .folklore(
            Truth::False,
            "A container on a veth receives its packets on its own CPU",
            veth,
        )
        .folklore_note("on the sender's, unless RPS says otherwise")
        .folklore(Truth::Partly, "Setting up RPS needs real root", veth)
        .folklore_note(
            "since Linux 6.3 a namespace has its own \
             net.core.rps_default_mask (what-if `rps`)",
        )
        .ends_with_script()
}

/// Three datagrams from CPU 0, then three from CPU 1.
fn follows(run: &Evidence, reader: &str) -> Finding {
    let from = |n| run.observed_nth(reader, "received on CPU", n);
    from(1).is("0").and(from(2).is("1"))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for reader in ["sender", "reader"] {
        let inbox = net.on(reader, || UdpSocket::bind(net.here(7000)))?;
        let sender = net.on("sender", || UdpSocket::bind(net.here(7001)))?;
        let [to, from] = [inbox.local_addr()?, sender.local_addr()?];
        sender.connect(to)?;
        inbox.connect(from)?; // else the kernel keeps no CPU for it
        for cpu in [0, 1] {
            let own = if net.knob("sender:moves") { cpu } else { 0 };
            let mut seen = Vec::new();
            for _ in 0..3 {
                stay_on(own)?;
                sender.send(b"hello")?;
                stay_on(1 - own)?; // the reader reads on the other one
                inbox.recv(&mut [0; 5])?;
                seen.push(incoming_cpu(&inbox)?);
            }
            seen.dedup();
            let seen: Vec<_> = seen.iter().map(ToString::to_string).collect();
            net.on(reader, || {
                net.observe("received on CPU", seen.join(", then "))
            })?;
        }
    }
    Ok(())
}
// ANCHOR_END: script

//! # Does the firewall see it?
//!
//! **Question.** A packet goes from this machine to this machine. Which of
//! netfilter's five hooks does it pass?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, cable, claim::Value, fails, option,
    outcome,
};

const HOOKS: [&str; 5] =
    ["output", "postrouting", "prerouting", "input", "forward"];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let [out, back, forward] = [
        "a drop in output or postrouting: send() says EPERM",
        "a drop in prerouting or input: send() says ok, nothing arrives",
        "a drop in forward: it arrives",
    ];
    Experiment::new("hooks", "Which netfilter hooks does a packet on lo pass?")
        .link(cable("machine", "peer"))
        .option("machine", "drops", true)
        .option("machine", "fifth-hook", "forward")
        .script(script)
        .claim(out, |run| {
            let (first, second) = (at(run, "output"), at(run, "postrouting"));
            first.is("EPERM, EAGAIN").and(second.is("EPERM, EAGAIN"))
        })
        .claim(back, |run| {
            let (first, second) = (at(run, "prerouting"), at(run, "input"));
            first.is("ok, EAGAIN").and(second.is("ok, EAGAIN"))
        })
        .claim(forward, |run| at(run, "forward").is("ok, ok"))
        .what_if(
            "no-drop",
            option("machine", "drops", false),
            fails([out, back]),
        )
        .what_if(
            "input-for-forward",
            option("machine", "fifth-hook", "input"),
            fails([forward]),
        )
        .folklore(Truth::True, "iptables sees loopback traffic", back)
        .folklore_note("four hooks: output, postrouting, prerouting, input")
        .ends_with_script()
}
// ANCHOR_END: experiment

fn at(run: &Evidence, hook: &str) -> Value {
    run.observed("machine", &format!("{hook} drops: send, recv"))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    net.on("machine", || {
        let socket = UdpSocket::bind("127.0.0.1:7000")?;
        socket.connect("127.0.0.1:7000")?; // to itself
        socket.set_nonblocking(true)?;
        for hook in HOOKS {
            let fifth = net.value("fifth-hook").unwrap_or_default();
            let real = if hook == "forward" { &fifth } else { hook };
            if net.knob("drops") {
                net.drop_at("machine", Some(real))?;
            }
            let sent = outcome(socket.send(b"hello"));
            let came = outcome(socket.recv(&mut [0; 5]));
            if net.knob("drops") {
                net.drop_at("machine", None)?;
            }
            let key = format!("{hook} drops: send, recv");
            net.observe(&key, format!("{sent}, {came}"))?;
        }
        Ok(())
    })
}
// ANCHOR_END: script

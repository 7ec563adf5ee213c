//! # tcp_tw_reuse, 0, 1 and 2
//!
//! **Question.** Everybody recommends `tcp_tw_reuse`. What does it need, and
//! what does it do?

use std::net::TcpStream;
use std::path::Path;

use anyhow::Result;
use lab_kit::{
    Experiment, Knob, Link, Net, cable, fails, loopback, ms, option, outcome,
    sysctl,
};

use crate::pair::greet;
use crate::time_wait::close_in_turn;

const CONNECTS: &str = "the client connects from the port in TIME-WAIT";
const GONE: &str = "tcp_tw_recycle is gone";
const COUNTED: &str = "the kernel counts a TIME-WAIT recycled";

// ANCHOR: experiment
pub(crate) fn cable_one() -> Experiment {
    let nothing = || fails([CONNECTS, COUNTED]);
    family("tw-reuse", "Does tcp_tw_reuse=1 free the port?", cable)
        .knob(reuse(1))
        .claim(GONE, |run| run.observed("client", "reading it").is("ENOENT"))
        .what_if(
            "a-sysctl-that-exists",
            option("client", "sysctl", "tcp_tw_reuse"),
            fails([GONE]),
        )
        .what_if("off", reuse(0), nothing())
        .what_if("default", reuse(2), nothing())
        .what_if("too-early", delay(60_000), nothing())
        .what_if(
            "without-timestamps",
            sysctl("client", "net.ipv4.tcp_timestamps", 0),
            nothing(),
        )
}

pub(crate) fn loopback_two() -> Experiment {
    let question = "What does the default, tcp_tw_reuse=2, allow on loopback?";
    family("tw-reuse-loopback", question, loopback).knob(reuse(2)).what_if(
        "off",
        reuse(0),
        fails([CONNECTS, COUNTED]),
    )
}

fn family(
    name: &str,
    question: &str,
    link: fn(&str, &str) -> Link,
) -> Experiment {
    Experiment::new(name, question)
        .link(link("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.ip_local_port_range", "40000 40000"))
        .knob(delay(1))
        .option("client", "sysctl", "tcp_tw_recycle")
        .since((6, 14), "ca6a6f93867a", "tcp_tw_reuse_delay")
        .claim(CONNECTS, |run| run.observed("client", "connect").is("ok"))
        .claim(COUNTED, |run| run.counter("client", "TcpExtTWRecycled").is(1))
        .shows_counter("client", "TcpExtTWRecycled")
        .ends_with_script()
}

fn reuse(value: u8) -> Knob {
    sysctl("client", "net.ipv4.tcp_tw_reuse", value)
}

/// Milliseconds, 1000 unless set; new in Linux 6.14.
fn delay(ms: u32) -> Knob {
    sysctl("client", "net.ipv4.tcp_tw_reuse_delay", ms)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    net.keep(pair.listener);
    close_in_turn(net, pair.client, pair.server)?;
    net.quiet(ms(20), "longer than tcp_tw_reuse_delay")?;
    net.on("client", || {
        let asked = net.value("client:sysctl").unwrap_or_default();
        let file = Path::new("/proc/sys/net/ipv4").join(asked);
        net.observe("reading it", outcome(std::fs::read(file)))?;
        let again = TcpStream::connect(net.at("server", 7000));
        net.observe("connect", outcome(again.map(|socket| net.keep(socket))))
    })
}
// ANCHOR_END: script

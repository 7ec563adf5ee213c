//! # The wildcard and the address
//!
//! **Question.** One socket has 0.0.0.0:7000. May another one have
//! 192.0.2.2:7000? It depends on three things, and one is forgotten.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, outcome,
};
use socket2::Type;

use crate::flags::bound;

const KINDS: [&str; 3] = ["TCP, listening", "TCP, only bound", "UDP"];
const ORDERS: [&str; 2] = ["wildcard first", "address first"];
const FLAGS: [&str; 3] = ["none", "addr", "port"];
const NONE: &str = "without a flag: EADDRINUSE";
const LISTENER: &str = "a listener, and SO_REUSEADDR in both: EADDRINUSE";
const BOUND: &str = "SO_REUSEADDR in both is enough if the first only bound";
const PORT: &str = "SO_REUSEPORT in both is enough for listeners, too";
const UDP: &str = "UDP: either flag in both is enough";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "0.0.0.0:7000 and 192.0.2.2:7000: both at once?";
    let [listening, only_bound, udp] = KINDS;
    Experiment::new("wildcard", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "first-has-the-flag", true)
        .option("server", "wildcard", true)
        .claim(NONE, |run| {
            all(KINDS.map(|kind| row(run, kind, "none", "EADDRINUSE")))
        })
        .claim(LISTENER, move |run| row(run, listening, "addr", "EADDRINUSE"))
        .claim(BOUND, move |run| row(run, only_bound, "addr", "ok"))
        .claim(PORT, move |run| row(run, listening, "port", "ok"))
        .claim(UDP, move |run| {
            row(run, udp, "addr", "ok").and(row(run, udp, "port", "ok"))
        })
        .what_if(
            "only-one-has-the-flag",
            option("server", "first-has-the-flag", false),
            fails([BOUND, PORT, UDP]),
        )
        .what_if(
            "two-addresses",
            option("server", "wildcard", false),
            fails([NONE, LISTENER]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

fn row(run: &Evidence, kind: &str, flags: &str, wanted: &str) -> Finding {
    all(ORDERS.map(|order| {
        run.observed("server", &format!("{kind}, {order}, {flags}")).is(wanted)
    }))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let any = match net.knob("server:wildcard") {
        true => IpAddr::from(Ipv4Addr::UNSPECIFIED),
        false => IpAddr::from(Ipv4Addr::LOCALHOST), // another one, then
    };
    let mut port = 7000;
    for kind in KINDS {
        for order in ORDERS {
            for flags in FLAGS {
                port += 1;
                let one = net.on("server", || net.here(port));
                let mut pair = [SocketAddr::new(any, port), one];
                if order == "address first" {
                    pair.reverse();
                }
                let second =
                    net.on("server", || two(net, kind, flags, pair))?;
                let key = format!("{kind}, {order}, {flags}");
                net.on("server", || net.observe(&key, second))?;
            }
        }
    }
    Ok(())
}

/// Binds the first, which must work, and tells what the second bind() says.
fn two(
    net: &Net,
    kind: &str,
    flags: &str,
    at: [SocketAddr; 2],
) -> Result<String> {
    let sort = if kind == "UDP" { Type::DGRAM } else { Type::STREAM };
    let flag = net.knob("first-has-the-flag");
    let first = bound(sort, if flag { flags } else { "none" }, at[0])?;
    if kind == "TCP, listening" {
        first.listen(128)?;
    }
    Ok(outcome(bound(sort, flags, at[1])))
}
// ANCHOR_END: script

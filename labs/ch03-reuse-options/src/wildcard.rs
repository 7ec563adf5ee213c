//! # The wildcard and the address
//!
//! **Question.** One socket has 0.0.0.0:7000. May another one have
//! 192.0.2.2:7000, and what does that depend on?

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Truth, cable, fails, option, outcome,
};
use socket2::Type;

use crate::cells::{FLAGS, table};
use crate::flags::bound;

const KINDS: [&str; 3] = ["TCP, listening", "TCP, only bound", "UDP"];
const ORDERS: [&str; 2] = ["wildcard first", "address first"];
const IN_USE: &str = "EADDRINUSE";
const SAYING: &str = "SO_REUSEADDR lets 0.0.0.0:p and an address:p coexist";
const NONE: &str = "without a flag: EADDRINUSE";
const LISTENER: &str = "a listener, and SO_REUSEADDR in both: EADDRINUSE";
const BOUND: &str = "SO_REUSEADDR in both is enough if the first only bound";
const PORT: &str = "SO_REUSEPORT in both is enough for listeners, too";
const UDP: &str = "UDP: either flag in both is enough";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "0.0.0.0:7000 and 192.0.2.2:7000: both at once?";
    Experiment::new("wildcard", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "first-has-the-flag", true)
        .option("server", "wildcard", true)
        .claim(NONE, |run| all(KINDS.map(|k| row(run, k, "none", IN_USE))))
        .claim(LISTENER, |run| row(run, KINDS[0], "addr", IN_USE))
        .claim(BOUND, |run| row(run, KINDS[1], "addr", "ok"))
        .claim(PORT, |run| row(run, KINDS[0], "port", "ok"))
        .claim(UDP, |run| {
            all(["addr", "port"].map(|flags| row(run, KINDS[2], flags, "ok")))
        })
        .figure("the second bind(), by the flags of both", |run| {
            table(run, "who is first", rows())
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
        .folklore(Truth::False, SAYING, LISTENER)
        .folklore_note("for UDP it does")
        .ends_with_script()
}
// ANCHOR_END: experiment

fn row(run: &Evidence, kind: &str, flags: &str, wanted: &str) -> Finding {
    all(ORDERS.map(|order| {
        run.observed("server", &format!("{kind}, {order}, {flags}")).is(wanted)
    }))
}

fn rows() -> impl Iterator<Item = (String, String)> {
    let all = KINDS.iter().flat_map(|k| ORDERS.map(|o| format!("{k}, {o}")));
    all.map(|row| (row.clone(), row + ", "))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut port = 7000; // one for each cell
    net.on("server", || {
        for kind in KINDS {
            for order in ORDERS {
                for flags in FLAGS {
                    let said = two(net, kind, order, flags, port)?;
                    net.observe(&format!("{kind}, {order}, {flags}"), said)?;
                    port += 1;
                }
            }
        }
        Ok(())
    })
}

/// Binds the first, which must work, and tells what the second bind() says.
fn two(
    net: &Net,
    kind: &str,
    order: &str,
    flags: &str,
    port: u16,
) -> Result<String> {
    let sort = if kind == "UDP" { Type::DGRAM } else { Type::STREAM };
    let [any, lo] = [Ipv4Addr::UNSPECIFIED, Ipv4Addr::LOCALHOST];
    let other = if net.knob("wildcard") { any } else { lo };
    let mut at = [SocketAddr::from((other, port)), net.here(port)];
    at.rotate_left(usize::from(order == "address first"));
    let has = net.knob("first-has-the-flag");
    let first = bound(sort, if has { flags } else { "none" }, at[0])?;
    if kind == "TCP, listening" {
        first.listen(128)?;
    }
    Ok(outcome(bound(sort, flags, at[1])))
}
// ANCHOR_END: script

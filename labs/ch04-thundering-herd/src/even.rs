//! # How even is a hash?
//!
//! **Question.** 2,000 connections, each from another port, to four listeners
//! on one port. How many does each get?
//!
//! They go over the server's own `lo`, which nobody captures. The hash is
//! keyed with a random number of each boot: the shares differ between runs, and
//! only that they are about even is claimed.

use std::net::TcpStream;

use anyhow::{Context, Result};
use lab_kit::{Experiment, Figure, Net, cable, fails, option};
use socket2::SockRef;

use crate::guest::{group_at, queue};
use crate::steer::{always, steer};

const KEY: &str = "connections by listener";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "2,000 connections, four listeners. How even is it?";
    let even = "each gets 400 to 600 of 2,000";
    Experiment::new("reuseport-even", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "always", "nobody")
        .figure("in the run that was kept", |run| {
            let kept = run.observations.iter().find(|o| o.key == KEY);
            let shares = kept.into_iter().flat_map(|o| o.value.split(' '));
            shares.enumerate().fold(
                Figure::bars("of 2,000"),
                |bars, (n, share)| {
                    let share = share.parse().unwrap_or(0);
                    bars.bar(&format!("listener {n}"), share)
                },
            )
        })
        .claim(even, |run| {
            run.observed("server", "each has 400 to 600").is("true")
        })
        .what_if("always-2", option("server", "always", 2), fails([even]))
        .what_if("always-7-of-4", option("server", "always", 7), fails([]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let here = "127.0.0.1:7000".parse()?;
    let listeners = net.on("server", || group_at(here, 4))?;
    if let Ok(number) = net.number("server:always") {
        steer(&listeners[0], &mut always(number as u32))?;
    }
    let mut shares = [0; 4];
    for _ in 0..2_000 {
        let guest = net.on("server", || TcpStream::connect(here))?;
        // a RST at the end: no TIME-WAIT keeps the port from others
        SockRef::from(&guest).set_linger(Some(std::time::Duration::ZERO))?;
        let mut whose = None;
        net.until("a listener has it", || {
            whose = (0..4).find(|&n| queue(&listeners[n]).is_ok_and(|q| q > 0));
            Ok(whose.is_some())
        })?;
        let whose = whose.context("a listener has it")?;
        drop(listeners[whose].accept()?);
        shares[whose] += 1;
    }
    let even = shares.iter().all(|share| (400..=600).contains(share));
    net.on("server", || {
        net.measure(KEY, shares.map(|n| n.to_string()).join(" "))?;
        net.observe("each has 400 to 600", even)
    })
}
// ANCHOR_END: script

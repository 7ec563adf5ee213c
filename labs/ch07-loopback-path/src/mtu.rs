//! # 65536
//!
//! **Question.** `ip link` says that lo has an MTU of 65536. Who makes use of
//! it?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{Experiment, Net, Proto, fails, loopback, route};

use crate::pair::{connect, greatest};

const WRITTEN: usize = 30_000;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What does lo's MTU of 65536 change?";
    let [mss, one, whole] = [
        "both SYNs offer segments of 65495 bytes",
        "30000 bytes travel in one segment",
        "the greatest datagram there is travels in one packet",
    ];
    Experiment::new("mtu", question)
        .link(loopback("client", "server"))
        .script(script)
        .claim(mss, |run| {
            let syns = run.segments().with_flag('S');
            syns.that("with mss 65495", |s| {
                s.options.iter().any(|o| o.to_string() == "mss 65495")
            })
            .count_is(2)
        })
        .claim(one, |run| {
            let data = run.segments().with_data().from("client");
            data.that("of TCP", |s| s.proto == Proto::Tcp).count_is(1)
        })
        .claim(whole, |run| {
            run.segments()
                .that("that aren't TCP", |s| s.proto != Proto::Tcp)
                .count_is(1)
        })
        .what_if(
            "route-mtu",
            route("client", "mtu", 9000),
            fails([mss, one, whole]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = connect(net)?;
    client.write_all(&[b'x'; WRITTEN])?;
    server.read_exact(&mut [0; WRITTEN])?;
    greatest(net)?; // 65507 bytes of data, 8 of UDP, 20 of IP: 65535
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

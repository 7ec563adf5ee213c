//! # The socket that nobody closes
//!
//! **Question.** The client has closed, the server's program has not. How
//! long do the two kernels wait for it?

use std::io::{Read, Write};

use anyhow::{Context, Result};
use lab_kit::{Evidence, Experiment, Finding, Net, cable, fails, option};
use socket2::SockRef;

use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One side never calls close(). Which kernel ends it?";
    let [queue, server, client] = [
        "an unread FIN counts as one byte in Recv-Q, a read one as none",
        "the server's CLOSE-WAIT has no timer",
        "the client's FIN-WAIT-2 ends within 60 s",
    ];
    Experiment::new("close-wait", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "writes", false)
        .option("server", "closes", false)
        .option("server", "keepalive", false)
        .claim(queue, |run| {
            let unread = run.observed("server", "Recv-Q").is("1");
            unread.and(run.observed("server", "Recv-Q after read").is("0"))
        })
        .claim(server, |run| left(run, "server", "CLOSE-WAIT", 0..=0))
        .claim(client, |run| left(run, "client", "FIN-WAIT-2", 1..=60_000))
        .what_if(
            "data-before",
            option("client", "writes", true),
            fails([queue]),
        )
        .what_if(
            "server-closes",
            option("server", "closes", true),
            fails([server, client]),
        )
        .what_if(
            "keepalive",
            option("server", "keepalive", true),
            fails([server]),
        )
        .ends_with_script()
}

/// One socket was left at this host, in this state, with so many milliseconds
/// on its timer.
pub(crate) fn left(
    run: &Evidence,
    host: &str,
    state: &str,
    timer_ms: std::ops::RangeInclusive<u32>,
) -> Finding {
    let all = run.left_at(host).iter().filter(|s| s.state != "LISTEN");
    let all: Vec<_> = all.collect();
    let wanted = format!("{host}: {state}, timer within {timer_ms:?} ms");
    let saw: Vec<_> = all
        .iter()
        .map(|s| format!("{s}, timer {:?} {} ms", s.timer, s.timer_ms))
        .collect();
    let holds = all.len() == 1
        && all[0].state == state
        && timer_ms.contains(&all[0].timer_ms);
    Finding::new(holds, wanted, saw.join("; "))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    let keepalive = net.knob("server:keepalive");
    SockRef::from(&pair.server).set_keepalive(keepalive)?;
    if net.knob("client:writes") {
        pair.client.write_all(b"unread")?;
    }
    drop(pair.client);
    net.until_state("client", "FIN-WAIT-2")?;
    net.on("server", || net.observe("Recv-Q", receive_queue(net)?))?;
    pair.server.read_to_end(&mut Vec::new())?; // read() says 0, the end
    net.on("server", || net.observe("Recv-Q after read", receive_queue(net)?))?;
    if net.knob("server:closes") {
        drop(pair.server);
        net.until_state("client", "TIME-WAIT")
    } else {
        net.keep(pair.server); // the leak
        net.step("the program has read the end and does nothing")
    }
}

/// What `ss` shows as Recv-Q of the server's connection.
fn receive_queue(net: &Net) -> Result<u32> {
    let sockets = net.sockets("server")?;
    let leak = sockets.iter().find(|s| s.state == "CLOSE-WAIT");
    Ok(leak.context("no socket is in CLOSE-WAIT")?.recv_q)
}
// ANCHOR_END: script

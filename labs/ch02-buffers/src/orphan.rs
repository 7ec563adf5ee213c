//! # The last bytes, and nobody answers
//!
//! **Question.** The client writes, closes and exits; `write()` and `close()`
//! said ok. From then on the wire loses everything. How long does the client's
//! kernel try, and who is told that the bytes never arrived?

use std::io::Write;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Selection, Truth, drop as lose, every, fails,
    ms, option, outcome, receive_queue, sysctl, wire,
};

use crate::pair::{close, connect};

const TRIED: &str = "the kernel repeats it on its own, at growing intervals";
const GAVE_UP: &str = "then it gives up, and the socket is gone";
const NEVER: &str = "write() and close() said ok, and the server has nothing";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question =
        "The process is gone, the bytes are not. Who cares for them?";
    let saying = "close() said ok, so everything has arrived";
    Experiment::new("orphan", question)
        .link(wire("client", "server").rule(lose(every()).since("broken")))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        // The default, 0, means 8: that takes more than 100 seconds.
        .knob(sysctl("client", "net.ipv4.tcp_orphan_retries", 1))
        .option("client", "wire-breaks", true)
        .claim(TRIED, |run| {
            let sent = tries(run);
            let gap = |n: usize, least| {
                sent.nth(n + 1).after(sent.nth(n)).at_least(ms(least))
            };
            gap(1, 190).and(gap(2, 390))
        })
        .claim(GAVE_UP, |run| run.states_left("client").is("-"))
        .claim(NEVER, |run| {
            let said = run.observed("client", "write, close");
            let has = run.observed("server", "Recv-Q");
            said.is("ok, ok").and(has.is("0"))
        })
        .folklore(Truth::False, saying, NEVER)
        .folklore_note("Only an answer by the other program says so.")
        .what_if(
            "unbroken",
            option("client", "wire-breaks", false),
            fails([TRIED, GAVE_UP, NEVER]),
        )
        .ends_with_script()
}

/// What the client sends with its last bytes, the first time and again.
fn tries(run: &Evidence) -> Selection<'_> {
    run.segments().from("client").with_data()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect(net)?;
    let (mut client, server) = (pair.client, pair.server);
    if net.knob("client:wire-breaks") {
        net.mark("broken")?;
        net.sockets("client")?; // an answer: so the mark has been heard
    }
    let wrote = outcome(client.write_all(b"the last words"));
    let said = format!("{wrote}, {}", close(client));
    net.on("client", || net.observe("write, close", said))?;
    net.step("closed")?;
    net.until("the client's kernel is done with FIN-WAIT-1", || {
        let all = net.sockets("client")?;
        Ok(!all.iter().any(|socket| socket.state == "FIN-WAIT-1"))
    })?;
    net.step("given up")?;
    let arrived = receive_queue(&server)?;
    net.on("server", || net.observe("Recv-Q", arrived))?;
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

//! # `write()` has returned
//!
//! **Question.** The wire between client and server holds every frame. The
//! client writes 1000 bytes. Does the call return, what does its success say,
//! and in which queue are the bytes?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, every, fails, hold, option, outcome,
    route, sysctl, wire,
};

use crate::dials::dials;
use crate::pair::{connect, leave_open};

const RETURNED: &str = "write() says ok, and nothing has arrived";
const BOTH: &str = "until the ACK is back, the bytes are in both queues";
const ACKED: &str = "the ACK empties Send-Q, though nobody has read a byte";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nothing gets through. What does write() say?";
    let saying = "write() returned, so the other side has the data";
    let queues =
        |out, back| [("client", "Send-Q", out), ("server", "Recv-Q", back)];
    Experiment::new("send-returns", question)
        .link(wire("client", "server").rule(hold(every()).since("connected")))
        .script(script)
        // We hold the frame; the client shall not send it a second time.
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("client", "writes", 1000)
        .option("server", "reads", false)
        .claim(RETURNED, move |run| {
            let wrote = run.observed("client", "write");
            wrote.is("ok").and(dials(
                run,
                "write() has returned",
                &queues(1000, 0),
            ))
        })
        .claim(BOTH, move |run| {
            dials(run, "the data has arrived", &queues(1000, 1000))
        })
        .claim(ACKED, move |run| {
            dials(run, "its ACK has arrived", &queues(0, 1000))
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::False, saying, RETURNED)
        .folklore_note("It says that this machine's kernel has the bytes.")
        .what_if(
            "one-byte",
            option("client", "writes", 1),
            fails([RETURNED, BOTH, ACKED]),
        )
        .what_if(
            "reads-at-once",
            option("server", "reads", true),
            fails([BOTH, ACKED]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect(net)?;
    net.mark("connected")?; // from here on the wire holds what it gets
    net.sockets("client")?; // an answer: so the mark has been heard
    let bytes = vec![b'x'; usize::try_from(net.number("client:writes")?)?];
    let wrote = outcome(pair.client.write_all(&bytes));
    net.on("client", || net.observe("write", wrote))?;
    net.step("write() has returned")?;

    net.deliver("client")?; // the data
    net.held("server")?; // its ACK
    if net.knob("server:reads") {
        pair.server.read_exact(&mut vec![0; bytes.len()])?;
    }
    net.step("the data has arrived")?;

    net.deliver("server")?;
    net.step("its ACK has arrived")?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

//! # A length of one that is 16 MB
//!
//! **Question.** A client says how long its message is, big end first. The
//! server reads the length little end first. What goes wrong, and where does
//! it show?

use std::io::Write;

use anyhow::Result;
use lab_kit::{
    Experiment, Figure, Finding, Net, Truth, cable, fails, option, send_queue,
};

use crate::pair::pair;
use crate::receive::receive;

const SENT: &str = "the wire says 00 00 00 01, and one byte follows";
const WANTS: &str = "the server waits for 16777216 bytes, which is 16 MB";
const HUNG: &str = "it never has the message, and never says so";
const QUIET: &str = "both are established, nothing is queued, no timer runs";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two ends disagree about the length's order. What shows?";
    Experiment::new("length-prefix", question)
        .link(cable("client", "server"))
        .option("client", "bytes", 1)
        .option("server", "big_endian", false)
        .option("server", "limit", u32::MAX)
        .script(script)
        .keeps_bytes()
        .claim(SENT, |run| {
            run.segments().with_data().first().data_is(b"\0\0\0\x01!")
        })
        .claim(WANTS, |run| run.observed("server", "length").is("16777216"))
        .claim(HUNG, |run| run.observed("server", "read").is("EAGAIN"))
        .claim(QUIET, |run| {
            let open = run.states_at("the server waits", &["ESTAB", "ESTAB"]);
            let sockets = run.steps.iter().flat_map(|s| s.sockets.values());
            let idle = sockets.flatten().all(|socket| {
                let queued = socket.recv_q + socket.send_q;
                socket.timer.is_empty() && queued == 0
            });
            let saw = if idle { "none" } else { "some" };
            open.and(Finding::new(idle, "no queue and no timer", saw))
        })
        .figure("the two ends, while they wait", |run| run.panel())
        .figure("the message", |run| {
            let first = run.segments().with_data().first();
            Figure::bytes(first.segment().map_or(&[][..], |s| s.data()))
                .field(
                    0..4,
                    "length",
                    "1 to the client, 16777216 to the server",
                )
                .field(4..5, "message", "!")
        })
        .folklore(
            Truth::False,
            "If the two ends disagree, somebody gets an error",
            HUNG,
        )
        .what_if(
            "both-big-endian",
            option("server", "big_endian", true),
            fails([WANTS, HUNG]),
        )
        .what_if(
            "a-limit",
            option("server", "limit", 65_536),
            fails([HUNG, QUIET]),
        )
        .what_if(
            "two-bytes", // are 32 MB
            option("client", "bytes", 2),
            fails([SENT, WANTS]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    let bytes = net.number("client:bytes")? as u32;
    let message = vec![b'!'; bytes as usize];
    client.write_all(&[&bytes.to_be_bytes()[..], &message].concat())?;
    net.on("server", || -> Result<()> {
        let said = receive(net, &mut server)?;
        net.observe("read", &said)?;
        if said == "too long" {
            drop(server);
        } else {
            net.keep(server);
        }
        Ok(())
    })?;
    net.until("all is acknowledged", || Ok(send_queue(&client)? == 0))?;
    net.step("the server waits")?;
    net.keep(client);
    Ok(())
}
// ANCHOR_END: script

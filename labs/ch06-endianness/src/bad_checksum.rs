//! # One bit
//!
//! **Question.** A bit of a segment's data flips on the wire. Who is told?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Truth, corrupt, fails, ms, nth, option,
    wire,
};

use crate::pair::pair;

const DROPPED: &str = "the server answers the second copy, not the damaged one";
const COUNTED: &str = "it counts it, as an error and as a checksum error";
const AGAIN: &str = "a timer sends it again after 200 ms, and that one is read";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let flip = corrupt(nth(1).from("client").data()).until("repaired");
    Experiment::new("bad-checksum", "A bit flips on the wire. Who is told?")
        .link(wire("client", "server").rule(flip))
        .option("client", "repaired", false)
        .script(script)
        .claim(DROPPED, |run| {
            let again = run.segments().retransmissions().first();
            run.ack_of("data").leaves_after(again)
        })
        .claim(COUNTED, |run| counted(run, 1))
        .claim(AGAIN, |run| {
            let again = run.segments().retransmissions().first();
            let gap = again.after(run.data("data")).at_least(ms(190));
            gap.and(run.observed("server", "read").is("data"))
        })
        .folklore(
            Truth::False,
            "A damaged segment is answered, by RST or a request to repeat",
            DROPPED,
        )
        .shows_counter("server", "TcpInErrs")
        .shows_counter("server", "TcpInCsumErrors")
        .what_if(
            "no-damage",
            option("client", "repaired", true),
            fails([DROPPED, COUNTED, AGAIN]),
        )
        .ends_with_script()
}

fn counted(run: &Evidence, n: i64) -> Finding {
    let both = run.counter("server", "TcpInErrs").is(n);
    both.and(run.counter("server", "TcpInCsumErrors").is(n))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    if net.knob("client:repaired") {
        net.mark("repaired")?;
        net.sockets("client")?; // an answer: so the mark has been heard, too
    }
    client.write_all(b"data")?;
    let mut read = [0; 4];
    server.read_exact(&mut read)?;
    let read = String::from_utf8_lossy(&read);
    net.on("server", || net.observe("read", read))?;
    net.until("it is acknowledged", || Ok(lab_kit::send_queue(&client)? == 0))?;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

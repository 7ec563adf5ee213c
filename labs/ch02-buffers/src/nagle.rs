//! # Small writes wait
//!
//! **Question.** The client has sent ten bytes, nobody has acknowledged them.
//! It writes again. What leaves at once, and what waits in Send-Q?

use std::io::Write;
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Selection, Truth, every, fails, hold, option,
    route, send_queue, sysctl, wire,
};

use crate::dials::dials;
use crate::pair::{connect, leave_open};

const ONE: &str = "before an ACK only the first of three small writes leaves";
const HELD: &str = "60 bytes are in Send-Q, 50 of them not sent";
const REST: &str = "then the other two leave as one segment";
const FULL: &str = "full segments leave at once";
const FIN: &str = "a FIN leaves at once and takes along what waited";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 3] {
    let small = base("nagle-small", "20+30")
        .claim(ONE, |run| first(run).are(&["client P.(10)"]))
        .claim(HELD, |run| {
            let (queued, not_sent) = (60, 50);
            let queue = ("client", "Send-Q", queued);
            dials(run, "written", &[queue, ("client", "not sent", not_sent)])
        })
        .claim(REST, |run| then(run).are(&["client P.(50)"]))
        .folklore(Truth::True, "Nagle: one small segment may be unACKed", ONE)
        .what_if(
            "nodelay",
            option("client", "nodelay", true),
            fails([ONE, HELD, REST]),
        );
    let full = base("nagle-full", "2896")
        .claim(FULL, |run| {
            let two = ["client .(1448)", "client P.(1448)"];
            first(run).are(&["client P.(10)", two[0], two[1]])
        })
        .folklore(Truth::True, "Nagle: a full segment may go", FULL)
        .what_if(
            "a-byte-less",
            option("client", "writes", 2895),
            fails([FULL]),
        );
    let fin = base("nagle-fin", "20+end")
        .claim(FIN, |run| first(run).are(&["client P.(10)", "client FP.(20)"]))
        .folklore(Truth::True, "Nagle: a segment with FIN may go", FIN)
        .what_if("no-fin", option("client", "writes", 20), fails([FIN]));
    [small, full, fin]
}

fn base(name: &str, writes: &str) -> Experiment {
    let question = "Ten bytes are unacknowledged. What may follow them?";
    Experiment::new(name, question)
        .link(wire("client", "server").rule(hold(every()).since("connected")))
        .script(script)
        // No ACK comes until we say so, and that is no loss.
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("client", "writes", writes)
        .option("client", "nodelay", false)
        .figure("The panel", Evidence::panel)
        .ends_with_script()
}

/// The client's data that left before any of it was acknowledged.
fn first(run: &Evidence) -> Selection<'_> {
    let ack = run.data("a").acknowledged();
    run.segments().from("client").with_data().before(ack)
}

/// And what left after.
fn then(run: &Evidence) -> Selection<'_> {
    let ack = run.data("a").acknowledged();
    run.segments().from("client").with_data().after(ack)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect(net)?;
    pair.client.set_nodelay(net.knob("client:nodelay"))?;
    net.mark("connected")?; // from here on the wire holds what it gets
    net.sockets("client")?; // an answer: so the mark has been heard
    pair.client.write_all(&[b'a'; 10])?;
    let writes = net.value("client:writes").unwrap_or_default();
    for size in writes.split('+') {
        match size {
            "end" => pair.client.shutdown(Shutdown::Write)?,
            size => pair.client.write_all(&vec![b'b'; size.parse()?])?,
        }
    }
    net.step("written")?;
    net.release()?;
    net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

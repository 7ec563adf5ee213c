//! # `TCP_NODELAY` and the congestion window
//!
//! **Question.** With `TCP_NODELAY` every small write is sent at once. All of
//! 20, if nothing is acknowledged?

use std::io::Write;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, every, fails, hold, not_sent, option,
    receive_queue, route, send_queue, sysctl, wire,
};

use crate::dials::dials;
use crate::pair::{connect, leave_open};

const TEN: &str = "ten segments leave, the initial congestion window";
const REST: &str = "ten writes wait: 1000 of 2000 bytes are not sent";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "TCP_NODELAY, 20 small writes, no ACK: how many leave?";
    let saying = "TCP_NODELAY sends at once, whatever the congestion window";
    Experiment::new("nodelay", question)
        .link(wire("client", "server").rule(hold(every()).since("connected")))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        // Below TCP there may be a queue, too; it is not our subject.
        .knob(sysctl("client", "net.ipv4.tcp_autocorking", 0))
        .option("client", "nodelay", true)
        .claim(TEN, |run| {
            let ack = run.data("a").acknowledged();
            run.segments().from("client").with_data().before(ack).count_is(10)
        })
        .claim(REST, |run| {
            let queue = ("client", "Send-Q", 2000);
            let sent = ("client", "unacked", 10);
            dials(run, "written", &[queue, sent, ("client", "not sent", 1000)])
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::False, saying, TEN)
        .folklore_note("It lifts Nagle's rule and no other.")
        .what_if(
            "nagle",
            option("client", "nodelay", false),
            fails([TEN, REST]),
        )
        .what_if(
            "initcwnd-20",
            route("client", "initcwnd", 20),
            fails([TEN, REST]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect(net)?;
    pair.client.set_nodelay(net.knob("client:nodelay"))?;
    net.mark("connected")?; // from here on the wire holds what it gets
    net.sockets("client")?; // an answer: so the mark has been heard
    for _ in 0..20 {
        pair.client.write_all(&[b'a'; 100])?;
    }
    net.step("written")?;
    // One by one, so that all ACKs are on the wire before the next data is.
    let sent = send_queue(&pair.client)? - not_sent(&pair.client)?;
    while receive_queue(&pair.server)? < sent {
        net.deliver("client")?;
    }
    net.release()?;
    net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

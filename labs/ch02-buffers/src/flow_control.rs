//! # Never more than the window
//!
//! **Question.** The client advertises a window of 2500 bytes and segments of
//! 1000 at most. The server writes 10,000. What leaves before the first ACK,
//! and what with each one?

use std::io::Write;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, Tcp, Truth, cable, fails, option,
    route, sysctl,
};

const TWO: &str = "two full segments leave before the first ACK";
const NEVER: &str = "never are more than 2500 bytes under way";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A window of 2500, 10,000 bytes to send. What leaves?";
    Experiment::new("flow-control", question)
        .link(cable("client", "server"))
        .raw("client")
        .script(script)
        .knob(sysctl("server", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("server", "rto_min", "5000ms"))
        .option("client", "window", 2500)
        .claim(TWO, |run| {
            let data = run.segments().from("server").with_data();
            let ack = run
                .segments()
                .from("client")
                .that("that ack 2000", |s| s.ack == Some(2001))
                .first();
            data.before(ack).are(&["server .(1000)", "server P.(1000)"])
        })
        .claim(NEVER, |run| {
            let most = under_way(run);
            Finding::new(most <= 2500, "at most 2500 bytes", format!("{most}"))
        })
        .folklore(
            Truth::True,
            "Flow control: never more than the receiver's window",
            NEVER,
        )
        .shows_windows()
        .what_if(
            "larger",
            option("client", "window", 3500),
            fails([TWO, NEVER]),
        )
        .ends_with_script()
}

/// The most bytes that were ever sent and not acknowledged.
fn under_way(run: &Evidence) -> i64 {
    let (mut sent, mut acked, mut most) = (1, 1, 0);
    for segment in &run.trace.segments {
        match segment.from.as_str() {
            "server" => sent = segment.end(),
            _ => acked = segment.ack.unwrap_or(acked),
        }
        most = most.max(sent - acked);
    }
    most
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let client = net.raw("client")?;
    let window = u16::try_from(net.number("client:window")?)?;
    let segment = |flags: &str, seq, ack| Tcp {
        source: 40_000,
        destination: 7000,
        flags: flags.into(),
        seq,
        ack,
        window,
        mss: if flags == "S" { 1000 } else { 0 },
        ..Tcp::default()
    };
    client.send(&segment("S", 0, 0))?;
    let first = client.recv()?.seq.wrapping_add(1);
    client.send(&segment(".", 1, first))?;
    let (mut server, _) = listener.accept()?;
    server.write_all(&[b'x'; 10_000])?;
    let mut acked = 0;
    while acked < 10_000 {
        // Everything that may leave has left when write() or our ACK returns.
        let mut end = acked;
        while end < acked + u32::from(window) / 1000 * 1000 && end < 10_000 {
            let seen = client.recv()?;
            let len = u32::try_from(seen.payload.len())?;
            end = seen.seq.wrapping_sub(first) + len;
        }
        acked = end;
        client.send(&segment(".", 1, first.wrapping_add(acked)))?;
    }
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

//! # Room for a hundred bytes
//!
//! **Question.** The window is closed. The server reads 100 bytes at a time,
//! so that there is room for 100 more. When does it say so?

use std::io::Read;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, route,
    send_queue, sysctl,
};

use crate::dials::socket_at;
use crate::pair::{close_window, connect_with, leave_open};

const SILENT: &str = "after a read of 100 bytes the server says nothing";
const ROOM: &str = "it speaks after a full segment's worth of reading or more";
const OPENS: &str = "and opens at least a full segment at once";
const OPENED: &str = "TcpExtTCPFromZeroWindowAdv";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "100 bytes were read. Is there a window of 100?";
    Experiment::new("silly-window", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(route("client", "rto_min", "5000ms"))
        .option("server", "reads", 100)
        .claim(SILENT, |run| {
            let at = |label| {
                run.steps.iter().find(|s| s.label == label).map_or(0, |s| s.at)
            };
            let (from, to) = (at("closed"), at("read once"));
            run.segments()
                .that("in between", |s| (from..to).contains(&s.at))
                .none()
        })
        .claim(ROOM, |run| {
            let read = run.observed("server", "read before it spoke");
            read.is("a full segment or more")
        })
        .claim(OPENS, |run| {
            let window =
                socket_at(run, "open", "client").and_then(|s| s.window);
            let wanted = "a window of at least 1448";
            let window = window.unwrap_or(0);
            Finding::new(window >= 1448, wanted, format!("{window}"))
        })
        .figure("The panel", Evidence::panel)
        .shows_windows()
        .shows_counter("server", "TcpExtTCPToZeroWindowAdv")
        .what_if("reads-all", option("server", "reads", 8000), fails([SILENT]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    close_window(net, &mut pair)?;
    net.step("closed")?;
    let once = usize::try_from(net.number("server:reads")?)?;
    let mut read = 0;
    while net.counter("server", OPENED)? == 0 {
        let first = read == 0;
        read += pair.server.read(&mut vec![0; once])?;
        if first {
            net.step("read once")?;
        }
    }
    net.until("what waited is there", || Ok(send_queue(&pair.client)? == 0))?;
    net.step("open")?;
    let enough = if read < 1448 { "less" } else { "a full segment or more" };
    net.on("server", || net.observe("read before it spoke", enough))?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

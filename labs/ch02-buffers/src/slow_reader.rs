//! The sick system of the exercise [`stands_still`](crate::stands_still): a
//! reader that has stopped, and what it looks like on the wire.

use std::io::Read;

use anyhow::Result;
use lab_kit::{Evidence, Net, Selection, send_queue};

use crate::pair::{close_window, connect_with, leave_open};

pub(crate) const STILL: &str = "it stands still";

pub(crate) fn first<'a>(all: Selection<'a>) -> Selection<'a> {
    let at = all.first().segment().map_or(i64::MAX, |segment| segment.at);
    all.that("the first", |segment| segment.at == at)
}

/// What the server sends while its window is closed.
pub(crate) fn zeros(run: &Evidence) -> Selection<'_> {
    let server = run.segments().from("server").with_flag('.');
    server.that("with a window of 0", |segment| segment.window == 0)
}

/// What the client sends while it has nothing to send.
pub(crate) fn probes(run: &Evidence) -> Selection<'_> {
    run.segments().from("client").after(zeros(run).first()).pure_acks()
}

// ANCHOR: script
pub(crate) fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    let written = close_window(net, &mut pair)?;
    let before = net.counter("server", "TcpInSegs")?;
    net.until("two questions have arrived", || {
        Ok(net.counter("server", "TcpInSegs")? >= before + 2)
    })?;
    net.step(STILL)?;
    pair.server.read_exact(&mut vec![0; written])?;
    net.until("it is acknowledged", || Ok(send_queue(&pair.client)? == 0))?;
    net.step("somebody has restarted the server's worker")?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

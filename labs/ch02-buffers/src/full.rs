//! # A full buffer
//!
//! **Question.** The server doesn't read. The client writes until its kernel
//! takes no more. What does `write()` say, where are the bytes, and how much
//! must the server read before the client may write again?

use std::io::Read;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, cable, fails, ms, option, receive_queue,
    route, send_queue, sysctl,
};
use socket2::SockRef;

use crate::meminfo::memory;
use crate::pair::{
    close_window, connect_with, fill, is_writable, leave_open, settle,
    try_write,
};

const EAGAIN: &str = "a write() that must not block says EAGAIN";
const LATE: &str = "one that may block for 100 ms does, then says EAGAIN";
const SUM: &str = "Send-Q + Recv-Q + read = written, after every read";
const THIRD: &str =
    "the socket is writable when a third of it is free, not before";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Both buffers are full. What does write() say?";
    let saying = "If the send buffer is full, write() blocks";
    Experiment::new("full", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        // No probe of the closed window in between: see zero-window.
        .knob(route("client", "rto_min", "5000ms"))
        .option("client", "fills", true)
        .option("server", "waits", true)
        .claim(EAGAIN, |run| run.observed("client", "write").is("EAGAIN"))
        .claim(LATE, |run| {
            let write = run.observed("client", "write, 100 ms later or more");
            write.is("EAGAIN")
        })
        .claim(SUM, |run| {
            run.observed("client", "Send-Q + Recv-Q + read = written").is("yes")
        })
        .claim(THIRD, |run| {
            run.observed("client", "POLLOUT = a third is free").is("yes")
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::True, saying, LATE)
        .folklore_note("Or says EAGAIN, if it was told not to block.")
        .what_if(
            "a-little",
            option("client", "fills", false),
            fails([EAGAIN, LATE, THIRD]),
        )
        .what_if("on-the-way", option("server", "waits", false), fails([SUM]))
        .packets_vary("how often a bulk transfer is acknowledged")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    SockRef::from(&pair.client).set_send_buffer_size(8000)?;
    let mut written = 0;
    if net.knob("client:fills") {
        written += close_window(net, &mut pair)?;
        written += fill(&pair.client)?;
    }
    net.step("written")?;

    pair.client.set_nonblocking(true)?;
    let write = try_write(&pair.client, &mut written);
    net.on("client", || net.observe("write", write))?;
    pair.client.set_nonblocking(false)?;
    pair.client.set_write_timeout(Some(ms(100)))?;
    let begin = Instant::now();
    let write = try_write(&pair.client, &mut written);
    let blocked = begin.elapsed() >= ms(100);
    let write = if blocked { write } else { "did not block".into() };
    net.on("client", || net.observe("write, 100 ms later or more", write))?;

    let at_first = is_writable(&pair.client)?;
    let (mut read, mut exact, mut third) = (0, true, !at_first);
    while read < written {
        read += pair.server.read(&mut [0; 1000])?;
        if net.knob("server:waits") {
            settle(net, &pair.client)?;
        }
        let queued = send_queue(&pair.client)? + receive_queue(&pair.server)?;
        exact &= queued as usize + read == written;
        let room = memory(&pair.client)?.third_is_free();
        third &= is_writable(&pair.client)? == room;
    }
    net.step("read")?;
    let yes = |truth| if truth { "yes" } else { "no" };
    net.on("client", || {
        net.observe("Send-Q + Recv-Q + read = written", yes(exact))?;
        net.observe("POLLOUT = a third is free", yes(third))
    })?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

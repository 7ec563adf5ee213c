//! # A full buffer
//!
//! **Question.** The server doesn't read. The client writes until its kernel
//! takes no more. What does `write()` say, where are the bytes, and how much
//! must the server read before the client may write again?

use std::io::{Read, Write};
use std::os::fd::AsFd;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, cable, fails, ms, not_sent, option,
    outcome, receive_queue, route, send_queue, sysctl,
};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::SockRef;

use crate::meminfo::memory;
use crate::pair::{Pair, connect_with, fill, leave_open};

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
        .claim(EAGAIN, |run| run.observed("client", "write").is("EAGAIN"))
        .claim(LATE, |run| {
            let write = run.observed("client", "write, 100 ms later or more");
            write.is("EAGAIN")
        })
        .claim(SUM, |run| {
            run.observed("client", "Send-Q + Recv-Q + read").is("written")
        })
        .claim(THIRD, |run| {
            let writable = run.observed("client", "POLLOUT");
            writable.is("not at first, then when a third is free")
        })
        .figure("The panel", Evidence::panel)
        .folklore(Truth::True, saying, LATE)
        .folklore_note("Or says EAGAIN, if it was told not to block.")
        .what_if(
            "a-little",
            option("client", "fills", false),
            fails([EAGAIN, LATE, THIRD]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    SockRef::from(&pair.client).set_send_buffer_size(8000)?;
    let mut written = 0;
    if net.knob("client:fills") {
        written += fill(&pair.client)?;
        settle(net, &pair)?; // ACKs make room, until the window is closed
        written += fill(&pair.client)?;
    }
    net.step("written")?;

    pair.client.set_nonblocking(true)?;
    let write = pair.client.write(b"x");
    written += write.as_ref().copied().unwrap_or(0);
    net.on("client", || net.observe("write", outcome(write)))?;
    pair.client.set_nonblocking(false)?;
    pair.client.set_write_timeout(Some(ms(100)))?;
    let begin = Instant::now();
    let write = pair.client.write(b"x");
    written += write.as_ref().copied().unwrap_or(0);
    let blocked = begin.elapsed() >= ms(100);
    let write = if blocked { outcome(write) } else { "did not block".into() };
    net.on("client", || net.observe("write, 100 ms later or more", write))?;

    let mut sum = "written";
    let mut writable = vec![];
    let mut read = 0;
    loop {
        let memory = memory(&pair.client)?;
        let third = memory.queued * 3 <= memory.send_buffer * 2;
        writable.push((is_writable(&pair.client)?, third));
        let queued = send_queue(&pair.client)? + receive_queue(&pair.server)?;
        if queued as usize + read != written {
            sum = "something else";
        }
        if read == written {
            break;
        }
        read += pair.server.read(&mut [0; 1000])?;
        settle(net, &pair)?;
    }
    net.step("read")?;
    let exact = writable.iter().all(|(writable, third)| writable == third);
    let both = !writable[0].0 && writable.ends_with(&[(true, true)]);
    let writable = match exact && both {
        true => "not at first, then when a third is free".into(),
        false => format!("{writable:?}"),
    };
    net.on("client", || net.observe("POLLOUT", writable))?;
    net.on("client", || net.observe("Send-Q + Recv-Q + read", sum))?;
    leave_open(net, pair);
    Ok(())
}

/// While an ACK is on its way, its bytes are in both queues.
fn settle(net: &Net, pair: &Pair) -> Result<()> {
    let client = &pair.client;
    net.until("all that was sent is acknowledged", || {
        Ok(send_queue(client)? == not_sent(client)?)
    })
}

fn is_writable(socket: &impl AsFd) -> Result<bool> {
    let mut fds = [PollFd::new(socket.as_fd(), PollFlags::POLLOUT)];
    Ok(poll(&mut fds, PollTimeout::ZERO)? == 1)
}
// ANCHOR_END: script

//! # How many answers
//!
//! **Question.** `tcp_pingpong_thresh` is 3. After which answer does the
//! kernel believe in a conversation?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, send_queue, sysctl};
use socket2::SockRef;

use crate::echo::close;

const THRESHOLD: &str = "net.ipv4.tcp_pingpong_thresh";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "tcp_pingpong_thresh is 3. Which answer is the one?";
    let [not_yet, third] = [
        "after the first and the second answer it is no conversation",
        "the third makes it one",
    ];
    Experiment::new("pingpong-threshold", question)
        .since((6, 7), "562b1fdf061b", "tcp_pingpong_thresh")
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("server", THRESHOLD, 3))
        .claim(not_yet, |run| {
            let quick = |n| run.observed_nth("server", "TCP_QUICKACK", n);
            quick(1).is("1").and(quick(2).is("1"))
        })
        .claim(third, |run| {
            run.observed_nth("server", "TCP_QUICKACK", 3).is("0")
        })
        .what_if("default", sysctl("server", THRESHOLD, 1), fails([not_yet]))
        .what_if("four", sysctl("server", THRESHOLD, 4), fails([third]))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    for _ in 1..=3 {
        client.write_all(b"question")?;
        server.read_exact(&mut [0; 8])?;
        server.write_all(b"answer")?;
        client.read_exact(&mut [0; 6])?;
        net.until("it is acknowledged", || Ok(send_queue(&server)? == 0))?;
        let quick = SockRef::from(&server).tcp_quickack()?;
        net.on("server", || net.observe("TCP_QUICKACK", i32::from(quick)))?;
    }
    close(net, client, server)
}
// ANCHOR_END: script

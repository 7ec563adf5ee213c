//! # One answer makes a conversation
//!
//! **Question.** The server has answered one request. The next request it
//! only reads. Is its ACK at once, as it was before, or held back? What does
//! the kernel say if it is asked?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::DELAYED_ACK;
use lab_kit::{Experiment, Net, cable, fails, ms, option, send_queue, sysctl};
use socket2::SockRef;

use crate::echo::close;

const WAITS: &str = "after one answer the next ACK waits";
const SAYS: &str = "the kernel says so: TCP_QUICKACK is 1, 0, then 1";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let both = || fails([WAITS, SAYS]);
    let question = "How many answers make a connection a conversation?";
    Experiment::new("pingpong", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "thinks", false)
        .claim(WAITS, |run| {
            let quiz = run.data("are you there?");
            run.ack_of("are you there?").after(quiz).at_least(DELAYED_ACK)
        })
        .claim(SAYS, |run| {
            let quick = |n| run.observed_nth("server", "TCP_QUICKACK", n);
            quick(1).is("1").and(quick(2).is("0")).and(quick(3).is("1"))
        })
        .what_if("thinks-60-ms", option("server", "thinks", true), both())
        .what_if(
            "three-answers",
            sysctl("server", "net.ipv4.tcp_pingpong_thresh", 3),
            both(),
        )
        .what_if_since((6, 7), "562b1fdf061b", "tcp_pingpong_thresh")
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    let ask = |server: &TcpStream| {
        let quick = SockRef::from(server).tcp_quickack()?;
        let quick = i32::from(quick);
        net.on("server", || net.observe("TCP_QUICKACK", quick))
    };
    let acknowledged = |client: &TcpStream| Ok(send_queue(client)? == 0);
    ask(&server)?;
    client.write_all(b"who is there?")?;
    server.read_exact(&mut [0; 13])?;
    if net.knob("server:thinks") {
        net.quiet(ms(60), "the server thinks")?;
    }
    server.write_all(b"it is me")?;
    client.read_exact(&mut [0; 8])?;
    net.until("the answer is acknowledged", || Ok(send_queue(&server)? == 0))?;
    ask(&server)?;
    client.write_all(b"are you there?")?;
    server.read_exact(&mut [0; 14])?;
    net.until("it is acknowledged", || acknowledged(&client))?;
    ask(&server)?;
    close(net, client, server)
}
// ANCHOR_END: script

//! # A cork that nobody pulls
//!
//! **Question.** `TCP_CORK` holds small writes back until it is taken off.
//! The program forgets to. Do the bytes ever leave?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, cable, fails, ms, option, receive_queue, send_queue,
};
use socket2::SockRef;

use crate::echo::close;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A corked socket, never uncorked. Do the bytes ever leave?";
    Experiment::new("cork-cap", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "corks", true)
        .option("client", "uncork", false)
        .claim("the kernel pulls the cork after 200 ms", |run| {
            run.data("one").after(run.data("before")).at_least(ms(195))
        })
        .claim("three writes leave as one segment", |run| {
            run.data("one").carries(11)
        })
        .what_if(
            "uncorked",
            option("client", "uncork", true),
            fails(["the kernel pulls the cork after 200 ms"]),
        )
        .what_if(
            "no-cork",
            option("client", "corks", false),
            fails([
                "the kernel pulls the cork after 200 ms",
                "three writes leave as one segment",
            ]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    client.write_all(b"before")?; // a moment to count from
    net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
    SockRef::from(&client).set_tcp_cork(net.knob("client:corks"))?;
    for word in ["one", "two", "three"] {
        client.write_all(word.as_bytes())?;
    }
    if net.knob("client:uncork") {
        SockRef::from(&client).set_tcp_cork(false)?;
    }
    net.until("all of it is here", || Ok(receive_queue(&server)? == 17))?;
    net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
    server.read_exact(&mut [0; 17])?;
    close(net, client, server)
}
// ANCHOR_END: script

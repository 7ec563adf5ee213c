//! The sick system of the exercise four-waits: one connection, on which each of
//! four answers is late.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Instant;

use anyhow::Result;
use lab_kit::{Experiment, Net, drop, ms, nth, send_queue, sysctl, wire};
use socket2::SockRef;

use crate::echo::close;

pub(crate) fn experiment() -> Experiment {
    let lost = drop(nth(4).from("client").data()); // question 3, once
    let mut sick = Experiment::new("four-waits", "Why is each answer late?")
        .link(wire("client", "server").rule(lost))
        .script(script)
        .shows_counter("client", "TcpRetransSegs")
        .shows_counter("server", "TcpExtDelayedACKs");
    for host in ["client", "server"] {
        // No tail loss probe: see cures.rs.
        sick = sick.knob(sysctl(host, "net.ipv4.tcp_early_retrans", 0));
    }
    sick
}

fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;

    SockRef::from(&server).set_tcp_quickack(false)?; // a server that answers
    client.write_all(b"header 1")?;
    client.write_all(b"body 1")?;
    net.step("question 1 is written")?;
    server.read_exact(&mut [0; 14])?;
    answer(net, &mut client, &mut server, 1)?;

    SockRef::from(&client).set_tcp_cork(true)?;
    client.write_all(b"question 2")?;
    net.step("question 2 is written")?;
    server.read_exact(&mut [0; 10])?;
    SockRef::from(&client).set_tcp_cork(false)?;
    answer(net, &mut client, &mut server, 2)?;

    client.write_all(b"question 3")?;
    net.step("question 3 is written")?;
    server.read_exact(&mut [0; 10])?;
    answer(net, &mut client, &mut server, 3)?;

    client.write_all(b"question 4")?;
    let written = Instant::now();
    server.read_exact(&mut [0; 10])?;
    net.step("question 4 is read")?;
    // A disk, a lock, a query. Net::quiet would say so in the ladder.
    let thought = || Ok(written.elapsed() > ms(120));
    net.until("the server has thought", thought)?;
    answer(net, &mut client, &mut server, 4)?;
    close(net, client, server)
}

/// The client's ACK never waits: it isn't the subject.
fn answer(
    net: &Net,
    client: &mut TcpStream,
    server: &mut TcpStream,
    n: u8,
) -> Result<()> {
    server.write_all(format!("answer {n}").as_bytes())?;
    client.read_exact(&mut [0; 8])?;
    SockRef::from(&*client).set_tcp_quickack(true)?;
    net.until("it is acknowledged", || Ok(send_queue(server)? == 0))
}

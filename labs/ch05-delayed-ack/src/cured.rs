//! How the cures are played: rounds of three messages from the client, three
//! answers from the server, and one setting that differs.

use std::io::{IoSlice, Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Result, ensure};
use lab_kit::{Net, ms, send_queue};
use socket2::SockRef;

use crate::echo::{SIZE, close, message};

// ANCHOR: script
pub(crate) fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    let cure = net.value("client:cure").unwrap_or_default();
    let pause = ms(net.number("client:pause")?);
    client.set_nodelay(cure == "nodelay-client")?;
    server.set_nodelay(cure == "nodelay-server")?;
    SockRef::from(&client).set_tcp_quickack(true)?; // where it starts anyway
    for round in 1..=2 {
        let mut unanswered = 3;
        for n in 1..=3 {
            client.write_all(&message(round, n))?;
            if round == 1 && cure != "slow-client" {
                let sent = || Ok(send_queue(&client)? == 0);
                net.until("a fresh connection acknowledges", sent)?;
            }
            if cure == "slow-client" {
                answer(&mut server, 1, &cure)?;
                unanswered -= 1;
            }
        }
        answer(&mut server, unanswered, &cure)?;
        for _ in 1..=3 {
            client.read_exact(&mut [0; SIZE])?;
            if cure == "quickack-rearmed" {
                SockRef::from(&client).set_tcp_quickack(true)?;
            }
        }
        if !pause.is_zero() {
            net.quiet(pause, "the client has nothing to ask")?;
        }
    }
    close(net, client, server)
}
// ANCHOR_END: script

// ANCHOR: answer
/// Answers so many messages, as many at a time as have arrived.
fn answer(server: &mut TcpStream, messages: usize, cure: &str) -> Result<()> {
    let (mut requests, mut left) = ([0; 3 * SIZE], messages * SIZE);
    while left > 0 {
        let arrived = server.read(&mut requests[..left])?;
        let mut answers = requests[..arrived].chunks(SIZE);
        if cure == "writev" {
            let all: Vec<_> = answers.map(IoSlice::new).collect();
            ensure!(server.write_vectored(&all)? == arrived, "a short write");
        } else {
            if cure == "cork" {
                SockRef::from(&*server).set_tcp_cork(true)?;
            }
            answers.try_for_each(|answer| server.write_all(answer))?;
            SockRef::from(&*server).set_tcp_cork(false)?; // pulls it, if any
        }
        left -= arrived;
    }
    Ok(())
}
// ANCHOR_END: answer

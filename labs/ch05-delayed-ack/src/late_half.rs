//! # Exercise: the late half of an answer
//!
//! The answer plays the client. The server writes each answer in two halves,
//! and nobody can change it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, cable, ms, outcome, secs,
};
use socket2::SockRef;

use crate::hints::late_half as hints;
use crate::late::nothing_waits;

const ROUNDS: usize = 6;
const ALL: &str = "six tickets are drawn, each for the one before it";
const ONE: &str = "over one connection";
const QUICK: &str = "no half waits for a delayed ACK";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("late-half", "Whose ACK is late?")
        .link(cable("client", "server"))
        .script(script)
        .answered_by("client")
        .within(secs(8));
    Exercise::new("A server that nobody may change", experiment)
        .rule(2, ALL, hints::ALL, |run| {
            run.observed("server", "drawn").number().is(ROUNDS as i64)
        })
        .rule(3, ONE, hints::ONE, |run| {
            let first = run.segments().from("client").with_flag('S');
            let new = first.that("for the first time", |s| !s.retransmission);
            if enough(run).holds { new.count_is(1) } else { enough(run) }
        })
        .rule(5, QUICK, hints::QUICK, |run| {
            nothing_waits(run, "server", enough(run))
        })
        .alone()
        .starter_breaks(QUICK)
        .wrong("nodelay", QUICK)
        .wrong("quickack-once", QUICK)
        .wrong("new-connections", ONE)
        .wrong("half-read", ALL)
}

/// Who asks for nothing needs one connection at most, and waits for nothing.
fn enough(run: &Evidence) -> Finding {
    run.observed("server", "drawn").number().at_least(3)
}

fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    // accept() waits no longer than a read.
    SockRef::from(&listener).set_read_timeout(Some(secs(3)))?;
    let n = net
        .on("client", || net.answer(&[&net.at("server", 7000).to_string()]))?;
    let mut drawn = 0;
    let end = outcome(serve_all(&listener, &mut drawn));
    net.on("server", || net.observe("drawn", drawn))?;
    net.on("server", || net.observe("the server ended with", end))?;
    net.stop_answer(n)?;
    Ok(())
}

/// One connection after the other, in case it connects again.
fn serve_all(listener: &TcpListener, drawn: &mut usize) -> std::io::Result<()> {
    for _ in 0..ROUNDS {
        let (client, _) = listener.accept()?;
        serve(client, drawn)?;
        if *drawn == ROUNDS {
            break;
        }
    }
    Ok(())
}

/// Draws tickets for one client, while the client has the last one.
fn serve(mut client: TcpStream, drawn: &mut usize) -> std::io::Result<()> {
    client.set_read_timeout(Some(ms(1500)))?;
    let mut request = [0; 4];
    while *drawn < ROUNDS {
        match client.read_exact(&mut request) {
            Err(e) if e.kind() == ErrorKind::UnexpectedEof => return Ok(()),
            all => all?,
        }
        if request != *ticket(*drawn).as_bytes() {
            return Err(ErrorKind::InvalidData.into());
        }
        *drawn += 1;
        client.write_all(b"next: ")?;
        client.write_all(ticket(*drawn).as_bytes())?;
    }
    client.read(&mut request).map(drop) // until the client closes
}

/// `0000`, then what nobody guesses by adding one.
fn ticket(n: usize) -> String {
    format!("{:04}", n * n * 4177 % 10_000)
}

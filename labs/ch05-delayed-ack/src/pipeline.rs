//! # Exercise: a server and a pipeline
//!
//! The answer plays the server. The client doesn't wait for an answer before
//! it asks again: its requests come several at a time, and sometimes alone.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Net, cable, ms, outcome, secs, sysctl};

use crate::hints::pipeline as hints;
use crate::late::nothing_waits;

/// How many requests come at a time.
const BATCHES: [usize; 4] = [3, 3, 1, 4];
const ALL: &str = "eleven requests get their answers, in their order";
const QUICK: &str = "no answer waits for a delayed ACK";
const TOGETHER: &str = "requests that come together are answered together";

pub(crate) fn exercise() -> Exercise {
    let mut experiment = Experiment::new("pipeline", "Who holds an answer?")
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .answered_by("server")
        .within(secs(5));
    for host in ["client", "server"] {
        experiment = experiment // for both see cures.rs
            .knob(sysctl(host, "net.ipv4.tcp_early_retrans", 0))
            .knob(sysctl(host, "net.ipv4.tcp_autocorking", 0));
    }
    Exercise::new("A server that is asked three things at once", experiment)
        .rule(3, ALL, hints::ALL, |run| {
            run.observed("client", "answers").number().is(11)
        })
        .rule(4, QUICK, hints::QUICK, |run| {
            let enough = run.observed("client", "answers").number();
            nothing_waits(run, "server", enough.at_least(5))
        })
        .rule(3, TOGETHER, hints::TOGETHER, |run| {
            let answers = run.segments().from("server").with_data();
            let new = answers.that("for the first time", |s| !s.retransmission);
            new.count_is(BATCHES.len())
        })
        .alone()
        .starter_breaks(QUICK)
        .wrong("nodelay", TOGETHER)
        .wrong("quickack-here", QUICK)
        .wrong("waits-for-three", ALL)
}

fn server(net: &Net) -> Result<()> {
    let here = net.here(7000).to_string();
    let n = net.answer(&[&here])?;
    net.wait_for("all is asked")?;
    net.stop_answer(n)?;
    Ok(())
}

fn client(net: &Net) -> Result<()> {
    net.until("the server listens", || {
        let server = net.sockets("server")?;
        Ok(server.iter().any(|s| s.state == "LISTEN" && s.local_port == 7000))
    })?;
    let mut right = 0;
    let end = outcome(ask(net.at("server", 7000), &mut right));
    net.observe("answers", right)?;
    net.observe("the client ended with", end)?;
    net.mark("all is asked")
}

/// Asks, and counts the right answers, until one is wrong or missing.
fn ask(there: SocketAddr, right: &mut usize) -> std::io::Result<()> {
    let mut server = TcpStream::connect(there)?;
    server.set_read_timeout(Some(ms(1500)))?;
    for (round, many) in (1..).zip(BATCHES) {
        let names = (b'a'..).take(many).map(char::from);
        let names: Vec<_> = names.map(|n| format!("{round}{n}")).collect();
        let requests: String = names.iter().map(|n| format!("{n};")).collect();
        server.write_all(requests.as_bytes())?;
        for name in names {
            let wanted = format!("{name} is well;");
            let mut answer = vec![0; wanted.len()];
            server.read_exact(&mut answer)?;
            if answer != wanted.as_bytes() {
                return Err(std::io::ErrorKind::InvalidData.into());
            }
            *right += 1;
        }
    }
    Ok(())
}

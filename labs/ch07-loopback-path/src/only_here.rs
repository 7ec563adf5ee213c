//! # Exercise: for this machine only
//!
//! The answer is a server that programs on its own machine may use, by any
//! address of 127.0.0.0/8, and nobody else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, cable, ms, outcome, patient,
    secs,
};

const LOCAL: &str = "a program on this machine is told at 127.0.0.1";
const REFUSED: &str = "the other machine's SYN is refused";
const EVERY: &str = "so is one that knows another address of 127.0.0.0/8";
const OTHERS: &str = "127.0.0.53, 127.200.3.4";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("only-here", "Who can reach a server?")
        .link(cable("machine", "peer"))
        .script(script)
        .answered_by("machine")
        .within(secs(5))
        .ends_with_script();
    Exercise::new("For this machine only", experiment)
        .rule(3, LOCAL, HERE, local)
        .rule(4, REFUSED, THERE, |run| match local(run) {
            told if !told.holds => told, // a closed port is no server
            _ => run.observed("peer", "connect()").is("ECONNREFUSED"),
        })
        .rule(3, EVERY, ANYWHERE, |run| {
            run.observed("machine", OTHERS).is("fine, fine")
        })
        .starter_breaks(REFUSED)
        .wrong("loopback-address", EVERY)
        .wrong("own-address", LOCAL)
        .wrong("sends-them-away", REFUSED)
}

fn local(run: &Evidence) -> Finding {
    let told = |when| run.observed("machine", when).is("fine");
    told("127.0.0.1").and(told("127.0.0.1, at the end"))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let told =
        |ip: [u8; 4], wait| told(net, SocketAddr::from((ip, 7000)), ms(wait));
    net.on("machine", || {
        let eth0 = net.here(7000);
        net.answer(&[&eth0.to_string()])?;
        net.until("the answer listens", || {
            let mut all = net.sockets("machine")?.into_iter();
            Ok(all.any(|s| s.state == "LISTEN" && s.local_port == 7000))
        })?;
        net.observe("127.0.0.1", told([127, 0, 0, 1], 20)?)?;
        let others = [[127, 0, 0, 53], [127, 200, 3, 4]];
        let others: Result<Vec<_>> =
            others.map(|ip| told(ip, 20)).into_iter().collect();
        net.observe(OTHERS, others?.join(", "))
    })?;
    net.on("peer", || {
        let at = net.at("machine", 7000);
        let connected = TcpStream::connect_timeout(&at, patient(ms(500)));
        net.observe("connect()", outcome(connected))
    })?;
    net.on("machine", || {
        net.observe("127.0.0.1, at the end", told([127, 0, 0, 1], 0)?)
    })
}

/// What the server says, after a while at the latest: it may open several ports.
fn told(net: &Net, at: SocketAddr, wait: Duration) -> Result<String> {
    let (start, mut said) = (Instant::now(), String::new());
    net.until("the server says that all is fine, or time is up", || {
        said = asked(at).unwrap_or_else(|error| outcome::<()>(Err(error)));
        Ok(said == "fine" || start.elapsed() > patient(wait))
    })?;
    Ok(said)
}

fn asked(at: SocketAddr) -> std::io::Result<String> {
    let mut server = TcpStream::connect_timeout(&at, patient(ms(500)))?;
    server.set_read_timeout(Some(patient(ms(500))))?;
    server.write_all(b"?")?;
    let mut word = [0; 4];
    server.read_exact(&mut word)?;
    Ok(String::from_utf8_lossy(&word).into())
}
// ANCHOR_END: script

const HERE: [&str; 3] = [
    "Does it listen, and does it listen there?",
    "127.0.0.1 is an address, and so is that of eth0. A listener that is bound \
     to the one is not at the other.",
    "0.0.0.0 stands for all of them. Whom to refuse is another question than \
     where to listen.",
];
const THERE: [&str; 3] = [
    "Look at the ladder: who says yes to the other machine's SYN?",
    "The kernel does, before accept() returns. What accept() tells you comes \
     too late: for that SYN, there must be no listener.",
    "By which interface does a packet to 127.0.0.1 come, and by which one the \
     other machine's? socket(7) has an option that ties a socket to one.",
];
const ANYWHERE: [&str; 3] = [
    "It is told at 127.0.0.1. How many addresses has lo?",
    "All of 127.0.0.0/8 is this machine, 16 million addresses: too many to \
     bind one by one. They have in common by which interface they come.",
    "Listen at 0.0.0.0, with SO_BINDTODEVICE \"lo\": socket2 calls it \
     `bind_device(Some(b\"lo\"))`.",
];

//! # A socket that connects to itself
//!
//! **Question.** Nobody listens on port 40000 of this machine. A program
//! connects to it, and the kernel picks 40000 as its own port as well. Does
//! the SYN find anybody?

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, fails, loopback, outcome, sysctl};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Nobody listens. Can connect() succeed all the same?";
    let [connects, itself, echo, segments, bound] = [
        "connect() says ok, and there is no listener",
        "the socket is its own peer",
        "it reads back what it writes",
        "three segments, all of its own: SYN, SYN ACK, ACK",
        "a service that starts now can't have its port",
    ];
    Experiment::new("self-connect", question)
        .link(loopback("client", "elsewhere"))
        .script(script)
        // The kernel has one port to choose. With the usual thousands it
        // chooses the destination's once in a while.
        .knob(sysctl("client", RANGE, "40000 40000"))
        .claim(connects, |run| {
            let nobody = run.observed("client", "sockets before").is("0");
            nobody.and(run.observed("client", "connect").is("ok"))
        })
        .claim(itself, |run| {
            let same = run.observed("client", "own address is peer's");
            same.is("true").and(run.observed("client", "sockets").is("1"))
        })
        .claim(echo, |run| run.observed("client", "read").is("hello"))
        .claim(segments, |run| {
            let three = ["client S", "client S.", "client ."];
            run.segments().before(run.data("hello")).are(&three)
        })
        .claim(bound, |run| run.observed("client", "bind").is("EADDRINUSE"))
        .what_if(
            "another-port",
            sysctl("client", RANGE, "40001 40001"),
            fails([connects, itself, echo, segments, bound]),
        )
        .ends_with_script()
}

const RANGE: &str = "net.ipv4.ip_local_port_range";
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let before = net.sockets("client")?.len();
    net.on("client", || {
        net.observe("sockets before", before)?;
        let connected = match TcpStream::connect(net.here(40000)) {
            Ok(connected) => connected,
            Err(no) => return net.observe("connect", outcome::<()>(Err(no))),
        };
        net.observe("connect", "ok")?;
        talk_to_itself(net, connected)
    })
}

fn talk_to_itself(net: &Net, mut socket: TcpStream) -> Result<()> {
    let same = socket.local_addr()? == socket.peer_addr()?;
    net.observe("own address is peer's", same)?;
    net.observe("sockets", net.sockets("client")?.len())?;
    socket.write_all(b"hello")?;
    let mut echo = [0; 5];
    socket.read_exact(&mut echo)?;
    net.observe("read", String::from_utf8_lossy(&echo))?;
    let service = TcpListener::bind(net.here(40000));
    net.observe("bind", outcome(service))?;
    net.keep(socket);
    Ok(())
}
// ANCHOR_END: script

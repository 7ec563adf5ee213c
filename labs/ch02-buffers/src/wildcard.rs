//! # The address of a server on 0.0.0.0
//!
//! **Question.** The server listens on 0.0.0.0, its machine has many
//! addresses. The client talks to one of them. Which one answers, over TCP
//! and over UDP?

use std::net::{IpAddr, TcpListener, UdpSocket};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, Truth, connect_later, fails, loopback, ms, option, outcome,
};

const TCP: &str =
    "TCP: the accepted socket has the address of the client's SYN";
const UDP: &str = "UDP: the answer leaves from another address, by the route";
const NEVER: &str = "a connected client never sees it";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A server on 0.0.0.0: from which address does it answer?";
    let saying =
        "A 0.0.0.0 server's address comes from the route to the client";
    Experiment::new("wildcard", question)
        .link(loopback("server", "client"))
        .script(script)
        .option("server", "bound", "0.0.0.0")
        .claim(TCP, |run| {
            let name = |key| run.observed("server", key);
            name("listener").is("0.0.0.0").and(name("accepted").is(SECOND))
        })
        .claim(UDP, |run| {
            run.observed("client", "answer came from").is("127.0.0.1")
        })
        .claim(NEVER, |run| {
            run.observed("client", "connected read").is("EAGAIN")
        })
        .folklore(Truth::Partly, saying, TCP)
        .folklore_note(
            "So for UDP; TCP takes the address that the SYN was for.",
        )
        .what_if(
            "bound",
            option("server", "bound", SECOND),
            fails([TCP, UDP, NEVER]),
        )
        .ends_with_script()
}

/// One of the server's addresses, and not the one that its routes prefer.
const SECOND: &str = "127.0.0.5";
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let bound: IpAddr =
        net.value("server:bound").unwrap_or_default().parse()?;
    let second: IpAddr = SECOND.parse()?;
    let listener = net.on("server", || TcpListener::bind((bound, 7000)))?;
    // From an address of its own; all of 127.0.0.0/8 is this machine.
    let to = (second, 7000).into();
    let stream = net.on("client", || connect_later(net.here(7002), to))?;
    let (accepted, _) = listener.accept()?;
    let (name, listens) =
        (accepted.local_addr()?.ip(), listener.local_addr()?.ip());
    net.on("server", || net.observe("listener", listens))?;
    net.on("server", || net.observe("accepted", name))?;

    let server = net.on("server", || UdpSocket::bind((bound, 7001)))?;
    for connected in [false, true] {
        let client = net.on("client", || UdpSocket::bind(net.here(0)))?;
        if connected {
            client.connect((second, 7001))?;
            client.send(b"who are you?")?;
        } else {
            client.send_to(b"who are you?", (second, 7001))?;
        }
        let (_, from) = server.recv_from(&mut [0; 20])?;
        server.send_to(b"me", from)?;
        client.set_read_timeout(connected.then_some(ms(100)))?;
        let read = client.recv_from(&mut [0; 20]);
        if connected {
            let read = outcome(read);
            net.on("client", || net.observe("connected read", read))?;
        } else {
            let from = read?.1.ip();
            net.on("client", || net.observe("answer came from", from))?;
        }
    }
    net.keep(stream);
    net.keep(accepted);
    Ok(())
}
// ANCHOR_END: script

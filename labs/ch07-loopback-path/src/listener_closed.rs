//! # A server stops
//!
//! **Question.** A server closes its listener. One connection is accepted, one
//! waits in the accept queue, one comes a moment later. What does each client
//! see?

use std::io::{Read, Result as Io, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, fails, loopback, option, outcome};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The listener is closed. Which connections survive?";
    let [accepted, waiting, new] = [
        "an accepted connection goes on",
        "one that waits in the accept queue is reset",
        "a new one is refused",
    ];
    Experiment::new("listener-closed", question)
        .link(loopback("client", "server"))
        .option("server", "closes-listener", true)
        .option("server", "closes-accepted", false)
        .script(script)
        .claim(accepted, |run| run.observed("client", "first").is("pong"))
        .claim(waiting, |run| run.observed("client", "second").is("ECONNRESET"))
        .claim(new, |run| run.observed("client", "third").is("ECONNREFUSED"))
        .what_if(
            "listener-stays",
            option("server", "closes-listener", false),
            fails([waiting, new]),
        )
        .what_if(
            "accepted-too",
            option("server", "closes-accepted", true),
            fails([accepted]),
        )
        .folklore(
            Truth::False,
            "Close the listener, and whoever is connected is still served",
            waiting,
        )
        .folklore_note("only who has been accepted is")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let at = net.on("server", || net.here(7000));
    let connect = || net.on("client", || TcpStream::connect(at));
    let listener = net.on("server", || TcpListener::bind(at))?;
    let first = connect()?;
    let (mut accepted, _) = listener.accept()?;
    let second = connect()?;

    if net.knob("server:closes-listener") {
        drop(listener);
    } else {
        net.keep(listener);
    }
    if net.knob("server:closes-accepted") {
        drop(accepted);
        net.until_state("server", "FIN-WAIT-2")?; // its FIN is acknowledged
    } else {
        accepted.write_all(b"pong")?;
        net.keep(accepted);
    }
    net.on("client", || {
        net.observe("first", what_comes(&first))?;
        net.observe("second", what_comes(&second))?;
        let third = connect().map(|third| net.keep(third));
        net.observe("third", outcome(third))
    })?;
    net.keep(first);
    net.keep(second);
    Ok(())
}

/// What a read says that doesn't wait: on loopback everything is there.
fn what_comes(mut server: &TcpStream) -> String {
    let mut answer = [0; 4];
    let read: Io<usize> =
        server.set_nonblocking(true).and_then(|()| server.read(&mut answer));
    match read {
        Ok(len) => String::from_utf8_lossy(&answer[..len]).into(),
        failed => outcome(failed),
    }
}
// ANCHOR_END: script

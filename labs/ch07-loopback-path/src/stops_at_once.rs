//! # Exercise: stop at once
//!
//! The answer is a server that is told to stop. From then on nobody gets in,
//! whoever is in is served, and when they have gone it ends.

use std::io::{
    ErrorKind::{UnexpectedEof, WouldBlock},
    Read, Write,
};
use std::net::{SocketAddr, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, loopback, ms, outcome,
    patient, secs,
};

const WORKS: &str = "ping is answered by pong, and stop by done";
const CLOSED: &str = "after done, a new client is refused";
const SERVED: &str = "a client that was there before is still served";
const ENDS: &str = "when that one has gone, the program ends: exit 0";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("stops-at-once", "How to stop a server?")
        .link(loopback("client", "server"))
        .script(script)
        .answered_by("server")
        .within(secs(3))
        .ends_with_script();
    Exercise::new("Stop at once", experiment)
        .rule(2, WORKS, WORK, works)
        .rule(3, CLOSED, CLOSE, |run| match works(run) {
            works if !works.holds => works, // a closed port is no server
            _ => run.observed("client", "connect()").is("ECONNREFUSED"),
        })
        .rule(3, SERVED, SERVE, |run| {
            run.observed("client", "ping, after done").is("pong")
        })
        .rule(2, ENDS, END, |run| {
            run.observed("server", "how it ended").is("exit 0")
        })
        .starter_breaks(CLOSED)
        .wrong("drop", CLOSED)
        .wrong("hangs-up", SERVED)
        .wrong("parks", ENDS)
}

fn works(run: &Evidence) -> Finding {
    let ping = run.observed("client", "ping").is("pong");
    ping.and(run.observed("client", "stop").is("done"))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let at = net.on("server", || net.here(7000));
    let n = net.on("server", || net.answer(&[&at.to_string()]))?;
    net.until("the answer listens", || {
        let mut all = net.sockets("server")?.into_iter();
        Ok(all.any(|s| s.state == "LISTEN" && s.local_port == 7000))
    })?;
    net.on("client", || clients(net, at))?;
    let how = net.answered(n)?;
    net.on("server", || net.observe("how it ended", how))
}

fn clients(net: &Net, at: SocketAddr) -> Result<()> {
    let (first, second) = (connect(at).ok(), connect(at).ok());
    net.observe("ping", told(first.as_ref(), b"ping"))?;
    net.observe("stop", told(second.as_ref(), b"stop"))?;
    net.observe("connect()", outcome(connect(at)))?;
    net.observe("ping, after done", told(first.as_ref(), b"ping"))
    // And here they go: both connections are closed.
}

fn connect(at: SocketAddr) -> std::io::Result<TcpStream> {
    let server = TcpStream::connect_timeout(&at, patient(ms(500)))?;
    server.set_read_timeout(Some(patient(ms(500))))?;
    Ok(server)
}

/// What comes back for a word.
fn told(server: Option<&TcpStream>, word: &[u8; 4]) -> String {
    let Some(mut server) = server else { return "no connection".into() };
    let mut answer = [0; 4];
    let read =
        server.write_all(word).and_then(|()| server.read_exact(&mut answer));
    match read {
        Ok(()) => String::from_utf8_lossy(&answer).into(),
        Err(e) if e.kind() == WouldBlock => "nothing for half a second".into(),
        Err(e) if e.kind() == UnexpectedEof => "the end".into(),
        failed => outcome(failed),
    }
}
// ANCHOR_END: script

const WORK: [&str; 3] = [
    "Two clients are connected at the same time, and both are served.",
    "The first says ping; then the second says stop, while the first stays.",
    "One thread for each connection: read four bytes, write four, until the \
     client closes.",
];
const CLOSE: [&str; 3] = [
    "Look at the ladder: who says yes to the SYN after done?",
    "A thread is blocked in accept(). Neither a flag nor close() wakes it: it \
     takes one more connection first.",
    "shutdown() is about the socket, not about a number: \
     `nix::sys::socket::shutdown(listener.as_raw_fd(), Shutdown::Both)`, and \
     accept() comes back with EINVAL. Only then say done.",
];
const SERVE: [&str; 3] = [
    "Whose connection ended, and with which segment?",
    "When the process ends, so does everything that it has open.",
    "After the last accept(), wait for the threads that still serve: `join()`.",
];
const END: [&str; 3] = [
    "Everything else is right. What does your program still wait for?",
    "A client that closes is a read() of 0 bytes, an error for read_exact().",
    "main() may return when each thread that serves has been joined, and has \
     returned when its client closed.",
];

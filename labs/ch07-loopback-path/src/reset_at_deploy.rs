//! # Exercise: reset at each deployment
//!
//! A server that closes its listener first and serves whoever is connected. The
//! reader says why some are reset.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::{Context, Result};
use lab_kit::{
    Evidence, Exercise, Experiment, Net, Selection, loopback, number, one_of,
    outcome,
};

const WHY: &str = "why the clients are reset";
const WHICH: &str = "which segment shows that it isn't about unread data";
const WAITED: &str = "how many connections waited to be accepted";
/// As `ss -ltn` calls what it shows of a listener.
const QUEUE: &str = "listener's Recv-Q, before it closes";

pub(crate) fn exercise() -> Exercise {
    let experiment =
        Experiment::new("reset-at-deploy", "Who is reset, and why?")
            .link(loopback("client", "server"))
            .script(script)
            .shows_counter("server", "TcpExtListenOverflows")
            .shows_counter("server", "TcpExtTCPAbortOnClose")
            .ends_with_script();
    let causes = one_of([
        "server-crashed",
        "request-unread",
        "never-accepted",
        "backlog-full",
    ]);
    let cause = "Why are the clients reset?";
    let segment = "One RST ends a connection on which its client had sent \
                   nothing at all. Its number in the ladder?";
    let waited = "How many established connections had nobody accepted yet \
                  when the listener was closed?";
    Exercise::diagnose("Reset at each deployment", experiment)
        .asks("cause", cause, causes)
        .asks("segment", segment, number())
        .asks("waited", waited, number())
        .rule(4, WHY, CAUSE, |run| run.said("cause").is("never-accepted"))
        .rule(4, WHICH, SEGMENT, |run| {
            run.said("segment").names(&resets_of_the_silent(run))
        })
        .rule(2, WAITED, WAIT, |run| {
            let queue = run.observed("server", QUEUE).number().value();
            run.said("waited").is_number(queue.unwrap_or(-1))
        })
        .wrong("unread", WHY)
        .wrong("crashed", WHY)
        .wrong("refused", WHICH)
        .wrong("only-who-asked", WAITED)
}

/// Of connections that were shaken hands upon, and then used for nothing.
fn resets_of_the_silent(run: &Evidence) -> Selection<'_> {
    run.segments().from("server").with_flag('R').that("of silence", |rst| {
        let same = run.segments().of_connection(rst.flow);
        let shook = same.clone().from("server").with_flag('S').count() == 1;
        shook && same.with_data().count() == 0
    })
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let at = net.on("server", || net.here(7000));
    let connect = || net.on("client", || TcpStream::connect(at));
    let listener = net.on("server", || TcpListener::bind(at))?;
    let mut first = connect()?;
    let (mut accepted, _) = listener.accept()?;
    ask(&mut first, &mut accepted)?;
    let (mut second, third) = (connect()?, connect()?);
    second.write_all(b"request")?;
    net.on("server", || -> Result<()> {
        let all = net.sockets("server")?.into_iter();
        let mut listening = all.filter(|s| s.state == "LISTEN");
        let queue = listening.next().context("the listener")?.recv_q;
        net.observe(QUEUE, queue)
    })?;

    drop(listener);
    ask(&mut first, &mut accepted)?; // whoever was accepted goes on
    net.on("client", || {
        net.observe(
            "second client reads",
            outcome((&second).read(&mut [0; 6])),
        )?;
        net.observe("third client reads", outcome((&third).read(&mut [0; 6])))?;
        net.observe("fourth client's connect()", outcome(connect()))
    })?;
    drop(first);
    net.until_state("server", "CLOSE-WAIT")?;
    drop(accepted);
    Ok(())
}

fn ask(client: &mut TcpStream, server: &mut TcpStream) -> Result<()> {
    client.write_all(b"request")?;
    server.read_exact(&mut [0; 7])?;
    server.write_all(b"answer")?;
    client.read_exact(&mut [0; 6])?;
    Ok(())
}
// ANCHOR_END: script

const CAUSE: [&str; 3] = [
    "What do the connections that are reset have in common, and what does the \
     one have that is not?",
    "One of those that were reset had sent no byte, so none was left unread; \
     and the first client is answered after the reset. What remains?",
    "connect() returns when the kernel has shaken hands. The connection is the \
     listener's until somebody calls accept(), and goes with it.",
];
const SEGMENT: [&str; 3] = [
    "Write down for each connection who sent what: the ladder numbers the \
     connections, #1 to #4.",
    "The RST that answers a SYN ends no connection.",
    "Which client is connected and then silent?",
];
const WAIT: [&str; 3] = [
    "`ss -ltn` shows it; the evidence has it, too.",
    "Recv-Q of a listener counts connections, not bytes.",
    "Count the handshakes that are complete, less those that were accepted.",
];

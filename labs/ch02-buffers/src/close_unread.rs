//! # Closed, with bytes unread
//!
//! **Question.** The server says goodbye and closes, while ten bytes that it
//! never read lie in its receive buffer. What leaves, and what can the client
//! still read?

use std::io::{Read, Write};
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, cable, fails, option, outcome,
    receive_queue, send_queue,
};

use crate::pair::connect;

const ABORTS: &str = "TcpExtTCPAbortOnClose";
const RESET: &str = "close() sends RST, and no FIN";
const GONE: &str = "the client's read says ECONNRESET, not end of file";
const STILL: &str = "but first what had arrived before the RST";
const COUNTED: &str = "the server's kernel counts an abort on close";
const NOBODY: &str = "no socket is left, not in TIME-WAIT either";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 2] {
    let saying = "close() with unread data sends RST, not FIN";
    let none = base("close-unread", 0);
    [none.folklore(Truth::True, saying, RESET), base("close-unread-part", 9)]
}

fn base(name: &str, reads: u32) -> Experiment {
    let question = "Bytes are unread when close() is called. What leaves?";
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "reads", reads)
        .option("server", "answers", true)
        .option("server", "shuts-down", false)
        .claim(RESET, |run| {
            let server = run.segments().from("server");
            let ends = server
                .that("that end it", |s| s.flags.has('F') || s.flags.has('R'));
            ends.are(&["server R."])
        })
        .claim(STILL, |run| run.observed_nth("client", "read", 1).is("bye"))
        .claim(GONE, |run| {
            run.observed_nth("client", "read", 2).is("ECONNRESET")
        })
        .claim(COUNTED, |run| run.counter("server", ABORTS).is(1))
        .claim(NOBODY, |run| {
            run.states_left("client")
                .is("-")
                .and(run.states_left("server").is("-"))
        })
        .figure("The panel", Evidence::panel)
        .shows_counter("server", ABORTS)
        .what_if(
            "reads-all",
            option("server", "reads", 10),
            fails([RESET, GONE, COUNTED, NOBODY]),
        )
        .what_if(
            "silent",
            option("server", "answers", false),
            fails([STILL, GONE]),
        )
        .what_if(
            "shutdown-first",
            option("server", "shuts-down", true),
            fails([RESET, GONE]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect(net)?;
    let (mut client, mut server) = (pair.client, pair.server);
    client.write_all(b"0123456789")?;
    net.until("the request is here", || Ok(receive_queue(&server)? == 10))?;
    let part = usize::try_from(net.number("server:reads")?)?;
    server.read_exact(&mut vec![0; part])?;
    if net.knob("server:answers") {
        server.write_all(b"bye")?;
        net.until("it has arrived", || Ok(send_queue(&server)? == 0))?;
    }
    net.step("before close()")?;
    if net.knob("server:shuts-down") {
        server.shutdown(Shutdown::Both)?;
    }
    drop(server); // close()

    for _ in 0..2 {
        let mut word = [0; 10];
        let read = match client.read(&mut word) {
            Ok(0) => "end of file".into(),
            Ok(n) => String::from_utf8_lossy(&word[..n]).into_owned(),
            Err(error) => outcome::<()>(Err(error)),
        };
        net.on("client", || net.observe("read", read))?;
    }
    Ok(())
}
// ANCHOR_END: script

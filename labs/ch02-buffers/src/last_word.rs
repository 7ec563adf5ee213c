//! # Exercise: the last word
//!
//! The answer plays a server that refuses an upload and wants to be heard. The
//! first client stops when it has read the refusal, after its second half; the
//! second goes on for ever.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Instant;

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Finding, Net, cable, outcome, secs, sysctl,
};
use nix::poll::{PollFd, PollFlags, poll};

const EARLY: &str = "the refusal comes before the second half is sent";
const HEARD: &str = "the upload ends in peace: end of file, and no RST";
const LIMIT: &str = "a client that never stops is let go within 3 s";

pub(crate) fn exercise() -> Exercise {
    let question = "Who has the last word?";
    let experiment = Experiment::new("last-word", question)
        .link(cable("client", "server"))
        // No half fits in: whoever doesn't read can't have it all by chance.
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 8192 8192"))
        .program("server", server)
        .program("client", client)
        .answered_by("server")
        .within(secs(12));
    Exercise::new("The last word", experiment)
        .rule(
            2,
            EARLY,
            [
                "What did the first client read, and when had it sent what?",
                "It sends half, waits a second for an answer, and goes on.",
                "Write `too large` and a line feed as soon as you have read \
                 the first line.",
            ],
            |run| run.observed("client", "answer").is("too large\n"),
        )
        .rule(
            5,
            HEARD,
            [
                "Look for the RST in the ladder. What had not been read then?",
                "Bytes that nobody read, or that come after `close()`, are \
                 answered by RST, whatever was said before.",
                "Refuse, `shutdown(Shutdown::Write)`, then read and throw \
                 away until the end of file. Close after that.",
            ],
            heard,
        )
        .rule(
            3,
            LIMIT,
            [
                "The second client sends a byte now and then. Who ends that?",
                "A limit for each read begins anew with each byte.",
                "Note the time when you begin to throw away, and close when \
                 two seconds have passed, whatever comes.",
            ],
            |run| run.observed("client", "in the end it is").is("let go"),
        )
        .starter_breaks(HEARD)
        .wrong("shutdown-first", HEARD)
        .wrong("linger", HEARD)
        .wrong("reads-to-the-end", LIMIT)
        .wrong("each-read", LIMIT)
}

fn heard(run: &Evidence) -> Finding {
    let first = run.segments().of_connection(1);
    let upload = run.observed("client", "second half").is("ok");
    let end = run.observed("client", "then").is("end of file");
    upload.and(end).and(first.with_flag('R').none())
}

fn server(net: &Net) -> Result<()> {
    let n = net.answer(&[&net.here(7000).to_string()])?;
    net.wait_for("both clients are done")?;
    net.stop_answer(n)?;
    Ok(())
}

// ANCHOR: client
fn client(net: &Net) -> Result<()> {
    let begin = Instant::now();
    net.until("the answer listens, or doesn't", || {
        let all = net.sockets("server")?;
        let listens = all.iter().any(|s| s.local_port == 7000);
        Ok(listens || begin.elapsed() > secs(4))
    })?;
    if let Ok(server) = TcpStream::connect(net.at("server", 7000)) {
        upload(net, server)?;
    }
    if let Ok(server) = TcpStream::connect(net.at("server", 7000)) {
        go_on(net, server)?;
    }
    net.mark("both clients are done")
}

fn upload(net: &Net, mut server: TcpStream) -> Result<()> {
    server.set_read_timeout(Some(secs(1)))?;
    server.set_write_timeout(Some(secs(1)))?;
    let _ = server.write_all(b"20000 bytes follow\n");
    let _ = server.write_all(&[b'x'; 10_000]);
    let mut answer = [0; 10];
    let read = server.read_exact(&mut answer);
    let text = String::from_utf8_lossy(&answer).into_owned();
    net.observe("answer", read.map_or_else(|e| e.to_string(), |()| text))?;
    let second = server.write_all(&[b'x'; 10_000]);
    net.observe("second half", outcome(second))?;
    let _ = server.shutdown(Shutdown::Write);
    let end = match server.read(&mut answer) {
        Ok(0) => "end of file".into(),
        other => outcome(other),
    };
    net.observe("then", end)
}

/// A byte every 200 ms, until the server has hung up.
fn go_on(net: &Net, mut server: TcpStream) -> Result<()> {
    let begin = Instant::now();
    let _ = server.write_all(b"20000 bytes follow\n");
    let mut end = "still here";
    while begin.elapsed() < secs(3) {
        if server.write_all(b"x").is_err() {
            end = "let go";
            break;
        }
        // No event is asked for: what ends this early is a RST.
        let mut resets = [PollFd::new(server.as_fd(), PollFlags::empty())];
        poll(&mut resets, 200_u16)?;
    }
    net.observe("in the end it is", end)
}
// ANCHOR_END: client

//! # Exercise: a gateway
//!
//! The answer plays the client. It reads messages as one protocol writes them,
//! and writes them as another does; and they come as TCP likes it.

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, ms, secs};
use socket2::SockRef;

use crate::hints::gateway as hints;
use crate::pieces::{back, end, framed, send};

const WHOLE: &str = "a message that comes whole is passed on";
const PIECES: &str = "so is one that comes in pieces";
const TOGETHER: &str = "so are two that come together";
const LONG: &str = "a length that is too long ends the connection";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("gateway", "Where does a message end?")
        .link(cable("client", "server"))
        .script(script)
        .answered_by("client")
        .keeps_bytes()
        .within(secs(9));
    Exercise::new("A gateway between two lengths", experiment)
        .rule(2, WHOLE, hints::WHOLE, |run| {
            passed_on(run, "whole", "05 00, then hello")
        })
        .rule(3, PIECES, hints::PIECES, |run| {
            passed_on(run, "in pieces", "2c 01, then 300 dots")
        })
        .rule(2, TOGETHER, hints::TOGETHER, |run| {
            let first = passed_on(run, "first", "03 00, then one");
            if first.holds {
                passed_on(run, "second", "07 00, then and two")
            } else {
                first
            }
        })
        .rule(3, LONG, hints::LONG, |run| {
            run.observed("server", "too long").is("it closed")
        })
        .starter_breaks(PIECES)
        .wrong("order", WHOLE)
        .wrong("one-read", PIECES)
        .wrong("drops-the-rest", TOGETHER)
        .wrong("cuts", LONG)
        .wrong("trusts", LONG)
}

/// The message that has this name came back as it should.
fn passed_on(run: &Evidence, key: &str, wanted: &str) -> Finding {
    let came = run.observed("server", key);
    match came.text() {
        "" => Finding::new(false, wanted, "it did not come to that"),
        "right" => Finding::new(true, wanted, wanted),
        saw => Finding::new(false, wanted, saw),
    }
}

fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    // accept() waits no longer than a read.
    SockRef::from(&listener).set_read_timeout(Some(secs(3)))?;
    let n = net
        .on("client", || net.answer(&[&net.at("server", 7000).to_string()]))?;
    if let Ok((client, _)) = listener.accept() {
        client.set_nodelay(true)?; // each piece leaves as it is written
        client.set_read_timeout(Some(ms(1500)))?;
        talk(net, &client)?;
    }
    net.stop_answer(n)?;
    Ok(())
}

/// As far as the answer is right.
fn talk(net: &Net, client: &TcpStream) -> Result<()> {
    let tell = |key, what: &str| net.on("server", || net.observe(key, what));
    let (hello, long) = (b"hello".to_vec(), vec![b'.'; 300]);
    let (one, two) = (b"one".to_vec(), b"and two".to_vec());
    let cut = framed(&long);
    let steps = [
        (vec![framed(&hello)], vec![("whole", hello)]),
        (
            [&cut[..2], &cut[2..7], &cut[7..]].map(Vec::from).to_vec(),
            vec![("in pieces", long)],
        ),
        (
            vec![[framed(&one), framed(&two)].concat()],
            vec![("first", one), ("second", two)],
        ),
    ];
    for (pieces, messages) in steps {
        send(net, client, &pieces)?;
        for (key, text) in messages {
            let said = back(client, &text);
            tell(key, &said)?;
            if said != "right" {
                return Ok(());
            }
        }
    }
    send(net, client, &[b"\x01\0\0\0not 16 MB".to_vec()])?;
    tell("too long", &end(client))
}

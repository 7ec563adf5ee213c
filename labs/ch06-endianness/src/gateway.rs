//! # Exercise: a gateway
//!
//! The answer plays the client. It reads messages as one protocol writes them,
//! and writes them as another does; and they come as TCP likes it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::claim::{all, hex};
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, ms, secs};
use socket2::SockRef;

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
        .within(secs(6));
    let passed = |keys: &'static [&str]| {
        move |run: &Evidence| all(keys.iter().map(|key| passed_on(run, key)))
    };
    Exercise::new("A gateway between two lengths", experiment)
        .rule(2, WHOLE, WHOLE_HINTS, passed(&["whole"]))
        .rule(3, PIECES, PIECES_HINTS, passed(&["in pieces"]))
        .rule(2, TOGETHER, TOGETHER_HINTS, passed(&["first", "second"]))
        .rule(3, LONG, LONG_HINTS, |run| {
            run.observed("server", "too long").is("it closed")
        })
        .starter_breaks(PIECES)
        .wrong("order", WHOLE)
        .wrong("one-read", PIECES)
        .wrong("drops-the-rest", TOGETHER)
        .wrong("cuts", LONG)
        .wrong("trusts", LONG)
}

const WHOLE_HINTS: [&str; 3] = [
    "Read the task again: how long is a length on either side, and which end \
     is first?",
    "In: four bytes, big end first. Out: two bytes, little end first.",
    "`u32::from_be_bytes` of the first four; then the length, as a `u16`, \
     `to_le_bytes`, and the text.",
];
const PIECES_HINTS: [&str; 3] = [
    "Look at the ladder: how many bytes has the segment after the first \
     message?",
    "`read` returns what is there: it may be half a length.",
    "`read_exact`, for the length and for the text.",
];
const TOGETHER_HINTS: [&str; 3] = [
    "Two messages came in one segment. What became of the second?",
    "What you have read beyond the end of a message is the beginning of the \
     next.",
    "Read no more than you need (`read_exact`), or keep the rest for later.",
];
const LONG_HINTS: [&str; 3] = [
    "The last length doesn't fit into two bytes. What do you do with it?",
    "Nobody can pass it on, and to wait for 16 MB helps nobody either.",
    "Refuse it before you read on: if `u16::try_from(length)` fails, end.",
];

/// The message that has this name came back as it should.
fn passed_on(run: &Evidence, key: &str) -> Finding {
    let wanted = format!("the message {key:?} passed on");
    let came = run.observed("server", key).text().to_string();
    let saw = if came.is_empty() { "it did not come" } else { &came };
    Finding::new(came == "right", wanted, saw)
}

fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    // accept() waits no longer than a read.
    SockRef::from(&listener).set_read_timeout(Some(secs(2)))?;
    let n = net
        .on("client", || net.answer(&[&net.at("server", 7000).to_string()]))?;
    if let Ok((client, _)) = listener.accept() {
        client.set_nodelay(true)?; // each piece leaves as it is written
        client.set_read_timeout(Some(ms(600)))?;
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

fn framed(text: &[u8]) -> Vec<u8> {
    [&(text.len() as u32).to_be_bytes(), text].concat()
}

/// Each piece when the one before has been read, or after a while.
fn send(net: &Net, mut client: &TcpStream, pieces: &[Vec<u8>]) -> Result<()> {
    for piece in pieces {
        let _ = client.write_all(piece); // a closed one is read as closed
        let mut looks = 0;
        net.until("the answer has read it", || {
            looks += 1;
            let sockets = net.sockets("client")?;
            Ok(looks > 200 || sockets.iter().all(|s| s.recv_q == 0))
        })?;
    }
    Ok(())
}

/// Whether the text comes back behind two bytes, little end first.
fn back(client: &TcpStream, text: &[u8]) -> String {
    let right = [&(text.len() as u16).to_le_bytes(), text].concat();
    let mut came = Vec::new();
    // Cut short by the end or by the clock, it isn't right.
    let _ = client.take(right.len() as u64).read_to_end(&mut came);
    match came.is_empty() {
        _ if came == right => "right".into(),
        true => "nothing came".into(),
        false => hex(&came[..came.len().min(12)]),
    }
}

fn end(mut client: &TcpStream) -> String {
    match client.read(&mut [0; 64]) {
        Ok(0) => "it closed".into(),
        Ok(n) => format!("it passed on {n} bytes"),
        Err(e) if e.kind() == ErrorKind::WouldBlock => "it waits".into(),
        Err(_) => "it closed".into(), // with unread bytes: a reset
    }
}

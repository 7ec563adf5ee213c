//! # Exercise: drain
//!
//! The answer plays a server that waits for edges. Guests upload, and end with
//! a dot. On `lo` an upload comes in one piece.

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Guest, Net, loopback, secs};

const SHORT: &str = "a short upload is confirmed";
const LONG: &str = "a long one is confirmed, and nothing of it is unread";
const OTHERS: &str = "who is in the middle of one keeps nobody waiting";

pub(crate) fn exercise() -> Exercise {
    let question = "One event, 30,000 bytes. How often must one read?";
    let experiment = Experiment::new("drain", question)
        .link(loopback("client", "server"))
        .script(script)
        .answered_by("server")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("Drain it", experiment)
        .rule(3, SHORT, HINTS[0], |run| {
            run.observed("client", "short").is("ok")
        })
        .rule(4, LONG, HINTS[1], |run| {
            let confirmed = run.observed("client", "long").is("ok");
            run.observed("server", "unread").is("0").and(confirmed)
        })
        .rule(3, OTHERS, HINTS[2], |run| {
            let other = run.observed("client", "meanwhile").is("ok");
            other.and(run.observed("client", "in two parts").is("ok"))
        })
        .starter_breaks(LONG)
        .wrong("bigger-buffer", LONG)
        .wrong("blocks", OTHERS)
}

const HINTS: [[&str; 3]; 3] = [
    [
        "The starter confirms a short upload. What has changed?",
        "An upload ends with a dot; then `ok` goes back, and the connection \
         stays open for the next.",
        "Go back to the starter, and change how it reads.",
    ],
    [
        "How much has come, and how much did you read? Who will tell you \
         about the rest?",
        "An edge says `look`, not `512 more`. What is left unread is not \
         reported again until something new comes. A bigger buffer moves \
         the place where it breaks.",
        "Read in a loop until it says EAGAIN (WouldBlock).",
    ],
    [
        "Who is waiting for whom? Where does your program sleep?",
        "A read() that may block waits for this guest, and nobody listens to \
         the others.",
        "set_nonblocking(true) on each accepted socket, as the starter does.",
    ],
];

fn script(net: &Net) -> Result<()> {
    let here = net.on("server", || net.here(7000));
    net.on("server", || net.answer(&[&here.to_string()]))?;
    net.still()?;
    let tell = |key: &str, guest: &mut Guest| {
        net.on("client", || net.observe(key, guest.told()))
    };
    let mut first = Guest::call(net, "client", here, b"short.")?;
    tell("short", &mut first)?;
    let mut long = [b'a'; 30_000];
    long[29_999] = b'.';
    first.says(net, &long)?;
    tell("long", &mut first)?;
    let sockets = net.sockets("server")?.into_iter();
    let connections = sockets.filter(|s| s.state != "LISTEN");
    let unread: u32 = connections.map(|s| s.recv_q).sum();
    net.on("server", || net.observe("unread", unread))?;

    let mut slow = Guest::call(net, "client", here, b"the first half")?;
    let mut other = Guest::call(net, "client", here, b"short.")?;
    tell("meanwhile", &mut other)?;
    slow.says(net, b" and the rest.")?;
    tell("in two parts", &mut slow)
}

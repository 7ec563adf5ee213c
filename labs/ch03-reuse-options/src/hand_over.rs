//! # Exercise: hand over
//!
//! The answer plays a server that must open its listener anew while guests
//! wait to be accepted. The lab is those guests.

use anyhow::Result;
use lab_kit::{Exercise, Experiment, Guest, Net, Socket, cable, secs};

const SERVED: &str = "a guest is served, and so is the one who asks to reload";
const NEW: &str = "the listener is a new one";
const KEPT: &str = "the three who waited to be accepted are served";
const ONE: &str = "only the new one listens, and it serves";

pub(crate) fn exercise() -> Exercise {
    let question = "A new listener for an old one. Who is lost?";
    let experiment = Experiment::new("hand-over", question)
        .link(cable("client", "server"))
        .script(script)
        .answered_by("server")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("Hand over", experiment)
        .rule(2, SERVED, HINTS[0], |run| {
            let guest = run.observed("client", "the first is told").is("!");
            guest.and(run.observed("client", "who reloads is told").is("r"))
        })
        .rule(2, NEW, HINTS[1], |run| {
            run.observed("server", "another listens").is("true")
        })
        .rule(4, KEPT, HINTS[2], |run| {
            run.observed("client", "who waited is told").is("! ! !")
        })
        .rule(2, ONE, HINTS[3], |run| {
            let alone = run.observed("server", "listeners").is("1");
            alone.and(run.observed("client", "the last is told").is("!"))
        })
        .starter_breaks(KEPT)
        .wrong("same-listener", NEW)
        .wrong("opens-first", KEPT)
        .wrong("both-stay", ONE)
}

const HINTS: [[&str; 3]; 4] = [
    [
        "What does a guest send, and what is he told?",
        "`?` is answered with `!`; `r` with `r`, when the reload is done.",
        "The starter does this. Go back to it, and change `reload` alone.",
    ],
    [
        "Which socket listened before the reload, and which one after?",
        "The lab compares the sockets in the kernel, by their inode.",
        "Call open() in the reload, and drop the listener that you had.",
    ],
    [
        "Who is sent a RST, and when? In whose queue was he?",
        "The queue belongs to the listener, not to the port. Whoever is in it \
         when it is closed is reset, and a second listener doesn't change that.",
        "Open the new one first (both need SO_REUSEPORT). Then accept from \
         the old one, which mustn't block, until it says EAGAIN; keep these \
         guests; then close it.",
    ],
    [
        "How many listeners has the port now? Who reads the queue of each?",
        "While the old one is open, it gets a part of the new guests.",
        "Drop the old listener when its queue is empty.",
    ],
];

fn script(net: &Net) -> Result<()> {
    let here = net.on("server", || net.here(7000));
    net.on("server", || net.answer(&[&here.to_string()]))?;
    net.still()?;
    let before = listeners(net)?;
    let call = |words: &[u8]| Guest::call(net, "client", here, words);
    let tell =
        |key: &str, value: String| net.on("client", || net.observe(key, value));
    if before.is_empty() {
        return tell("the first is told", "nobody listens".into());
    }
    tell("the first is told", call(b"?")?.told())?;

    // It has accepted this one, and waits for what he'll say.
    let mut reloads = call(b"")?;
    let mut waiting = [call(b"?")?, call(b"?")?, call(b"?")?];
    reloads.says(net, b"r")?;
    tell("who reloads is told", reloads.told())?;
    drop(reloads);
    tell("who waited is told", waiting.each_mut().map(Guest::told).join(" "))?;

    let after = listeners(net)?;
    let new = after.iter().any(|s| before.iter().all(|b| b.inode != s.inode));
    net.on("server", || {
        net.observe("another listens", new)?;
        net.observe("listeners", after.len())
    })?;
    tell("the last is told", call(b"?")?.told())
}

fn listeners(net: &Net) -> Result<Vec<Socket>> {
    let sockets = net.sockets("server")?.into_iter();
    Ok(sockets.filter(|s| s.state == "LISTEN").collect())
}

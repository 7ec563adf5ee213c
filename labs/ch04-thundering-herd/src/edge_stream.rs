//! # Level and edge, on a stream
//!
//! **Question.** The socket has one byte, and `epoll_wait()` has said so. When
//! does it say so again: when asked again, when a second byte comes, when one
//! of the two was read?

use std::io::Read;

use anyhow::Result;
use lab_kit::{Evidence, Experiment, Finding, Net, cable, fails, option};
use nix::sys::epoll::EpollFlags;

use crate::guest::{pair, say};
use crate::watch::{look, watch};

// ANCHOR: experiment
pub(crate) fn edge() -> Experiment {
    let question = "Edge triggered: when is unread data reported again?";
    let [once, second, rest] = [
        "asked again, it says nothing",
        "a second byte is reported, though the first was not read",
        "after a read that leaves something, it says nothing",
    ];
    experiment("edge-stream", question, true)
        .claim(once, |run| {
            saw(run, "a byte", "IN").and(saw(run, "asked again", "-"))
        })
        .claim(second, |run| saw(run, "a second byte", "IN"))
        .claim(rest, |run| saw(run, "one of two was read", "-"))
        .what_if("level", option("server", "edge", false), fails([once, rest]))
        .what_if("one-byte", option("client", "second", false), fails([second]))
}

pub(crate) fn level() -> Experiment {
    let question = "Level triggered: when is unread data reported again?";
    let [always, empty] = [
        "it says so as often as it is asked, while a byte is left",
        "when all is read, it says nothing",
    ];
    experiment("level-stream", question, false)
        .claim(always, |run| {
            let again =
                saw(run, "a byte", "IN").and(saw(run, "asked again", "IN"));
            again.and(saw(run, "one of two was read", "IN"))
        })
        .claim(empty, |run| saw(run, "all was read", "-"))
        .what_if("edge", option("server", "edge", true), fails([always]))
        .what_if("leaves-one", option("server", "reads", false), fails([empty]))
}

fn saw(run: &Evidence, when: &str, wanted: &str) -> Finding {
    run.observed("server", when).is(wanted)
}

fn experiment(name: &str, question: &str, edge: bool) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "edge", edge)
        .option("server", "reads", true)
        .option("client", "second", true)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (client, mut server) = pair(net)?;
    let mut how = EpollFlags::EPOLLIN;
    how.set(EpollFlags::EPOLLET, net.knob("server:edge"));
    let epoll = watch(&server, how)?;
    // what epoll_wait() says just now, without waiting
    let ask = |when| net.on("server", || net.observe(when, look(&epoll)?));

    say(net, &client, b"a")?;
    ask("a byte")?;
    ask("asked again")?;
    if net.knob("client:second") {
        say(net, &client, b"b")?;
    }
    ask("a second byte")?;
    server.read_exact(&mut [0])?;
    ask("one of two was read")?;
    if net.knob("server:reads") {
        server.read_exact(
            &mut [0; 1][..usize::from(net.knob("client:second"))],
        )?;
    }
    ask("all was read")
}
// ANCHOR_END: script

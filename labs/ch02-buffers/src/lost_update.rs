//! # A lost window update
//!
//! **Question.** The window was closed. The server reads everything and says
//! that there is room again. That one segment is lost. Who speaks first?

use std::io::Read;

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Moment, Net, every, fails, hold, ms, option,
    receive_queue, route, sysctl, wire,
};

use crate::pair::{close_window, connect_with, leave_open, settle};

const LOST: &str = "the update is lost, and the server doesn't repeat it";
const ASKED: &str = "a second after the window closed, the client asks";
const FREED: &str = "the answer opens the window, and the data leaves";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The segment that opens the window is lost. Who speaks?";
    Experiment::new("lost-update", question)
        .link(wire("client", "server").rule(hold(every()).since("closed")))
        .script(script)
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        // Its first question comes after this, and not in between.
        .knob(route("client", "rto_min", "1000ms"))
        .option("server", "update-lost", true)
        .claim(LOST, |run| {
            let between = run.segments().after(update(run)).before(probe(run));
            let lost =
                run.segments().that("that are lost", |s| s.arrived.is_none());
            lost.count_is(1).and(between.none())
        })
        .claim(ASKED, |run| probe(run).after(closing(run)).at_least(ms(990)))
        .claim(FREED, |run| {
            let answer = probe(run).acknowledged();
            let data = run.segments().from("client").with_data();
            let more = data.after(probe(run)).first();
            more.leaves_after(answer)
        })
        .shows_windows()
        .what_if(
            "delivered",
            option("server", "update-lost", false),
            fails([LOST, ASKED, FREED]),
        )
        .ends_with_script()
}

/// The segment that closes the window.
fn closing(run: &Evidence) -> Moment<'_> {
    let server = run.segments().from("server");
    server.that("with a window of 0", |s| s.window == 0).first()
}

/// The one that opens it again.
fn update(run: &Evidence) -> Moment<'_> {
    let server = run.segments().from("server").after(closing(run));
    server.that("with a window", |s| s.window > 0).first()
}

/// What the client sends next without data.
fn probe(run: &Evidence) -> Moment<'_> {
    run.segments().from("client").after(update(run)).pure_acks().first()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = connect_with(net, 5000)?;
    close_window(net, &mut pair)?;
    net.mark("closed")?; // from here on the wire holds what it gets
    net.sockets("client")?; // an answer: so the mark has been heard
    let arrived = usize::try_from(receive_queue(&pair.server)?)?;
    pair.server.read_exact(&mut vec![0; arrived])?;
    if net.knob("server:update-lost") {
        net.lose("server")?;
        net.step("the update is lost")?;
        net.deliver("client")?; // the question
        net.deliver("server")?; // the answer
    } else {
        net.deliver("server")?;
    }
    net.held("client")?; // data
    net.step("the client knows of the room")?;
    net.release()?;
    settle(net, &pair.client)?;
    leave_open(net, pair);
    Ok(())
}
// ANCHOR_END: script

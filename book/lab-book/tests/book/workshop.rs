//! A workspace with one lab that never ran: `fixtures/labs/`, described here.

use std::path::{Path, PathBuf};

use lab_book::{Folder, Known, Workshop};
use lab_kit::protocol::{FORMAT, Judgement};
use lab_kit::{
    Described, Evidence, Exercise, Experiment, Figure, Finding, Lab, Net, Plan,
    Truth, cable, fails, number, one_of, option, order, route,
};

pub(crate) const WORKSHOP: Workshop = Workshop { describe: &describe };

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

/// What `ch05 describe` would print.
pub(crate) fn describe(
    _: &Path,
    labs: &[Folder],
) -> Vec<Result<Known, String>> {
    let known = || Known { described: lab(), judge: Box::new(judge) };
    labs.iter().map(|_| Ok(known())).collect()
}

/// The same of a lab whose judge has nothing to say.
pub(crate) fn describe_silent(
    _: &Path,
    labs: &[Folder],
) -> Vec<Result<Known, String>> {
    let judge = |_: &Plan, _: &Evidence| Err("it says nothing".into());
    let known = || Known { described: lab(), judge: Box::new(judge) };
    labs.iter().map(|_| Ok(known())).collect()
}

/// As `ch05 judge` would answer if all its claims held.
fn judge(plan: &Plan, _: &Evidence) -> Result<Judgement, String> {
    let finding = |_| Finding::new(true, "it to be so", "that it is so");
    let findings = plan.claims.iter().map(finding).collect();
    Ok(Judgement { format: FORMAT, findings, figures: Vec::new() })
}

fn lab() -> Described {
    let lab = Lab::new("ch05", "Delayed ACK & <friends>")
        .experiment(first_ack())
        .experiment(pair(
            "walk",
            "Which states does a connection walk through?",
        ))
        .experiment(pair("hostile", "What if a payload is <markup>?"))
        .experiment(pair("stale", "?"))
        .experiment(pair("garbled", "?"))
        .experiment(pair("unaccepted", "?"))
        .experiment(three())
        .exercise(three_writes())
        .exercise(who_waits())
        .exercise(four_or_three());
    let mut described = lab.describe();
    for plan in &mut described.experiments {
        plan.source = "labs/ch05-delayed-ack/src/first_ack.rs".into();
    }
    described
}

fn nothing(_: &Net) -> anyhow::Result<()> {
    Ok(())
}

fn no_finding(_: &lab_kit::Evidence) -> lab_kit::Finding {
    unreachable!("the book judges nothing")
}

fn pair(name: &str, question: &str) -> Experiment {
    Experiment::new(name, question)
        .link(cable("client", "server"))
        .program("server", nothing)
        .claim("the first ACK waits", no_finding)
        .claim("a lost segment is sent again", no_finding)
}

fn first_ack() -> Experiment {
    Experiment::new("first-ack", "How long does the first ACK wait?")
        .link(cable("client", "server"))
        .program("server", nothing)
        .claim("the first ACK waits", no_finding)
        .claim(
            "the second ACK waits, although nobody asked it to and the \
             answer is long since there",
            no_finding,
        )
        .claim("data < 1448 bytes is one segment", no_finding)
        .what_if(
            "quickack-route",
            [route("server", "quickack", 1), option("client", "nodelay", true)],
            fails(["the first ACK waits"]),
        )
        .figure("queues", |run| run.panel())
        .figure("shares", |_| Figure::bars("connections"))
        .figure("header", |_| Figure::bytes(&[]))
        .figure("path", |_| Figure::path())
        .folklore(
            Truth::False,
            "An ACK is <always> late",
            "the first ACK waits",
        )
        .folklore_note("Only outside of quick-ACK mode.")
        .variant("merged", "the answer may carry the ACK")
}

fn three() -> Experiment {
    Experiment::new("three", "Who is in the middle?")
        .link(cable("left", "middle"))
        .link(cable("middle", "right"))
        .program("left", nothing)
        .root_only("it loads a module.")
        .claim("nothing is lost", no_finding)
}

fn three_writes() -> Exercise {
    let experiment = Experiment::new("three-writes", "Why wait?")
        .link(cable("client", "server"))
        .program("server", nothing)
        .answered_by("client")
        .within(std::time::Duration::from_millis(2500));
    Exercise::new("Three writes & a <wait>", experiment)
        .rule(
            1,
            "all < arrives",
            ["Read `task.md`", "<b>Look</b>", "Write `a<b>`"],
            no_finding,
        )
        .rule(4, "no wait", ["one", "two", "three"], no_finding)
}

fn who_waits() -> Exercise {
    let sick = Experiment::new("who-waits", "?")
        .link(cable("client", "server"))
        .program("server", nothing);
    Exercise::diagnose("Who waits?", sick)
        .asks("cause", "Why?", one_of(["nagle", "loss"]))
        .asks("segment", "Which?", number())
        .rule(10, "the cause is named", ["a", "b", "c"], no_finding)
}

fn four_or_three() -> Exercise {
    let run = pair("walk", "?").named("four-or-three");
    Exercise::predict("Four or three?", run)
        .asks("order", "Which first?", order(["SYN", "ACK"]))
        .rule(10, "the order is right", ["a", "b", "c"], no_finding)
}

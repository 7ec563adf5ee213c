//! # The cures, side by side
//!
//! **Question.** Three small writes, then three reads, and 40 ms in every
//! round: see `write-write-read-3`. Which setting, on which side, ends it?

use lab_kit::claim::DELAYED_ACK;
use lab_kit::{
    Evidence, Experiment, Finding, cable, fails, option, route, sysctl,
};

use crate::cured::script;
use crate::echo::{ack_of_echo, echo, stalls_are};

const CALM: &str = "no read stalls";
const AGAIN: &str = "round 2 stalls all the same";
const FIRST: &str = "now the ACK of the first echo is late";
const SECOND: &str = "the ACK of the second echo is late";

// ANCHOR: experiment
pub(crate) fn family() -> Vec<Experiment> {
    let without = || option("client", "cure", "none");
    let cures = ["nodelay-server", "quickack-rearmed", "writev", "cork"];
    let calm = cures.map(|cure| {
        base(&format!("cure-{cure}"), cure)
            .claim(CALM, |run| stalls_are(run, 0))
            .what_if("without", without(), fails([CALM]))
    });
    let on_the_route = base("cure-quickack-route", "none")
        .knob(route("client", "quickack", 1))
        .claim(CALM, |run| stalls_are(run, 0))
        .what_if("without", route("client", "quickack", 0), fails([CALM]));
    let once = base("cure-quickack-once", "quickack-once")
        .claim(AGAIN, |run| stalls_are(run, 1))
        .claim(SECOND, |run| late_ack(run, 2))
        .what_if(
            "rearmed",
            option("client", "cure", "quickack-rearmed"),
            fails([AGAIN, SECOND]),
        );
    let moved = || fails([AGAIN, FIRST]);
    let server = option("client", "cure", "nodelay-server");
    let client = base("cure-nodelay-client", "nodelay-client")
        .claim(AGAIN, |run| stalls_are(run, 1))
        .claim(FIRST, |run| late_ack(run, 1))
        .what_if("idle-rounds", option("client", "pause", 60), moved())
        .what_if("nodelay-server", server, moved());
    let slow = base("slow-client", "slow-client")
        .claim(CALM, |run| stalls_are(run, 0))
        .claim("each message travels alone", |run| {
            run.segments().from("client").with_data().count_is(6)
        })
        .what_if(
            "fast-client",
            without(),
            fails([CALM, "each message travels alone"]),
        );
    calm.into_iter().chain([on_the_route, once, client, slow]).collect()
}
// ANCHOR_END: experiment

/// The n-th echo of round 2 is acknowledged by the timer.
fn late_ack(run: &Evidence, n: u8) -> Finding {
    let sent = echo(run, 2, n);
    ack_of_echo(run, 2, n).after(sent).at_least(DELAYED_ACK)
}

fn base(name: &str, cure: &str) -> Experiment {
    let question = "Write, write, write, read: what ends the 40 ms?";
    let mut base = Experiment::new(name, question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "cure", cure)
        .option("client", "pause", 0);
    for host in ["client", "server"] {
        base = base
            // Two segments in flight and an ACK that is owed: on a link
            // without delay a tail loss probe would repeat what wasn't lost.
            .knob(sysctl(host, "net.ipv4.tcp_early_retrans", 0))
            // A busy machine may still hold one segment when the next is
            // written, and would merge them.
            .knob(sysctl(host, "net.ipv4.tcp_autocorking", 0));
    }
    base
}

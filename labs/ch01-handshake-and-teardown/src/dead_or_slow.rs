//! # Exercise: dead or slow
//!
//! The answer plays a client that waits for its result. Its first server
//! vanishes without a packet; its second is alive, and thinks for longer than
//! it took to notice the first one's death.

use lab_kit::{Evidence, Exercise, Experiment, Finding, cable, secs};

use crate::answers::client;
use crate::reborn::{DEATH, server};

const AGAIN: &str = "within 3 s of the death the job is asked for again";
const WAITS: &str = "a server that is slow is waited for";
const TWICE: &str = "nobody asks again before the death, or a third time";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("dead-or-slow", "Is it dead, or slow?")
        .link(cable("client", "server"))
        .program("server", server)
        .program("client", client)
        .answered_by("client")
        .within(secs(12));
    Exercise::new("Dead or slow", experiment)
        .rule(
            3,
            AGAIN,
            [
                "Look at the ladder: who sends anything after the death?",
                "A read sends nothing, so nothing comes back. Something must \
                 be sent in the silence, by you or by your kernel.",
                "`SO_KEEPALIVE`, and `TCP_KEEPIDLE` of a second, for it begins \
                 after two hours. The new kernel answers the probe with a RST, \
                 and your read says so: connect again.",
            ],
            |run| run.observed("server", "asked again").is("true"),
        )
        .rule(
            4,
            WAITS,
            [
                "The second server was working on it. What did it see of you?",
                "No limit on a read is right: what is too long for a dead \
                 server is too short for a slow one. What can a slow one's \
                 kernel do that a dead one's can't?",
                "Let only the kernel decide: it answers keepalive probes for \
                 a program that is busy. No read timeout at all.",
            ],
            waits,
        )
        .rule(
            3,
            TWICE,
            [
                "Count the SYNs in the ladder. When does each leave?",
                "Whoever asks two servers at once pays for both of them.",
                "Connect again when the read has failed, and only then.",
            ],
            twice,
        )
        .starter_breaks(AGAIN)
        .wrong("read-timeout", WAITS)
        .wrong("keepalive-defaults", AGAIN)
        .wrong("user-timeout", AGAIN)
        .wrong("two-at-once", TWICE)
}

fn waits(run: &Evidence) -> Finding {
    let seen = run.observed("server", "while it thinks, the client");
    seen.is("waits").and(run.observed("server", "result").is("taken"))
}

fn twice(run: &Evidence) -> Finding {
    let death = run.marks.iter().find(|mark| mark.name == DEATH);
    let death = death.map_or(0, |mark| mark.at);
    let asked = run.segments().from("client").with_flag('S');
    let early = asked.clone().that("before the death", |s| s.at < death);
    early.count_is(1).and(asked.count_is(2))
}

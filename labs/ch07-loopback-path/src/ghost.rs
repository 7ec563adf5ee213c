//! # The ghost
//!
//! **Question.** A client closed long ago and its kernel has forgotten; the
//! server's program never closed, and its socket sits in CLOSE-WAIT. The same
//! port is used to connect again. What does the SYN meet?

use lab_kit::{
    Experiment, Link, Truth, drop as lose, every, fails, loopback, option,
    sysctl, wire,
};

use crate::haunt::{meeting, script};

// ANCHOR: experiments
pub(crate) fn heals() -> Experiment {
    let [stays, way, quiet] = [
        "FIN-WAIT-2 is gone after tcp_fin_timeout, CLOSE-WAIT is still there",
        "the SYN is challenged; RST; the second SYN connects",
        "the ghost's owner reads an ordinary end, then writes: EPIPE",
    ];
    haunted("ghost", loopback("client", "server"))
        .claim(stays, |run| run.observed("server", "before").is("CLOSE-WAIT"))
        .claim(way, |run| {
            let [syn, rst] = ["client S", "client R"];
            let rest = ["client S", "server S.", "client ."];
            meeting(run).are(&[&[syn, "server .", rst], &rest[..]].concat())
        })
        .claim(quiet, |run| {
            let read = run.observed("server", "old connection, read").is("end");
            read.and(
                run.observed("server", "old connection, write").is("EPIPE"),
            )
        })
        .what_if(
            "server-aborts",
            option("server", "aborts", true),
            fails([stays, way, quiet]),
        )
        .folklore(
            Truth::True,
            "Linux forgets FIN-WAIT-2 after a while, which TCP's \
             specification doesn't know",
            stays,
        )
        .folklore_note("RFC 9293's state diagram has one timeout, TIME-WAIT's")
        .folklore(
            Truth::Outdated,
            "A SYN that meets a socket in CLOSE-WAIT times out",
            way,
        )
        .folklore_note(
            "Cloudflare saw it in 2016; today the second SYN connects.",
        )
}

pub(crate) fn without_rst() -> Experiment {
    let [stays, stuck] = [
        "CLOSE-WAIT is still there",
        "every SYN is answered by the ghost, none by the listener",
    ];
    let no_rst = lose(every().from("client").flag('R')).since("dropping");
    haunted("ghost-2016", wire("client", "server").rule(no_rst))
        // Every challenge is answered, not one in half a second: to see it.
        .knob(sysctl("server", "net.ipv4.tcp_invalid_ratelimit", 0))
        .option("server", "drops-rst", true)
        .claim(stays, |run| run.observed("server", "after").is("CLOSE-WAIT"))
        .claim(stuck, |run| {
            let once = ["client S", "server .", "client R"];
            meeting(run).are(&[once, once, once].concat())
        })
        .what_if(
            "rst-passes",
            option("server", "drops-rst", false),
            fails([stays, stuck]),
        )
}

fn haunted(name: &str, link: Link) -> Experiment {
    Experiment::new(name, "A port is used again. Its old peer never closed.")
        .link(link)
        .knob(sysctl("client", "net.ipv4.tcp_fin_timeout", 1))
        .option("server", "aborts", false)
        .script(script)
        .ends_with_script()
}
// ANCHOR_END: experiments

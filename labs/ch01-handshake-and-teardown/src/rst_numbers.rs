//! # Which RST counts
//!
//! **Question.** Somebody who isn't the client sends RSTs in its name. How
//! well must he know the sequence numbers?

use std::io::Read;

use anyhow::Result;
use lab_kit::{
    Experiment, Knob, Net, Tcp, every, fails, hold, option, outcome, wire,
};

use crate::pair::{after_greeting, greet};
use crate::rst_table::rst_table;

const CHALLENGES: &str = "TcpExtTCPChallengeACK";
const STEPS: [&str; 3] =
    ["outside the window", "inside, not exact", "the exact number"];

const CLAIMS: [&str; 3] = [
    "outside the window: nothing happens, nothing is said",
    "inside, but not the next number: a challenge, no reset",
    "exactly the next number: the connection is reset",
];

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "RSTs are forged in the client's name. Which one counts?";
    let [outside, inside, exact] = CLAIMS;
    Experiment::new("rst-numbers", question)
        .link(wire("client", "server").rule(hold(every()).since("attack")))
        .forges("client")
        .script(script)
        // How far from the next number: the window is about 64,000 bytes.
        .option("client", "outside", 10_000_000)
        .option("client", "inside", 1000)
        .option("client", "exact", 0)
        .claim(outside, |run| {
            let sent = |n| after_greeting(run).nth(n).has_flags("R");
            let alive = run.states_at(STEPS[0], &["ESTAB", "ESTAB"]);
            alive.and(sent(1)).and(sent(2)) // nothing between the two
        })
        .claim(inside, |run| {
            let challenge = after_greeting(run).nth(3).has_flags(".");
            let counted = run.counter("server", CHALLENGES).is(1);
            let alive = run.states_at(STEPS[1], &["ESTAB", "ESTAB"]);
            alive.and(challenge).and(counted)
        })
        .claim(exact, |run| {
            let read = run.observed("server", "read").is("ECONNRESET");
            let last = after_greeting(run).last().has_flags("R");
            run.states_at(STEPS[2], &["ESTAB", "-"]).and(last).and(read)
        })
        .shows_counter("server", CHALLENGES)
        .what_if("first-is-exact", far("outside", 0), fails([outside, inside]))
        .what_if("second-is-exact", far("inside", 0), fails([inside]))
        .what_if("one-off", far("exact", 1), fails([exact]))
        .figure("Three forged RSTs", |run| rst_table(run, &STEPS))
        .ends_with_script()
}

fn far(which: &str, bytes: u32) -> Knob {
    option("client", which, bytes)
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    let port = pair.client.local_addr()?.port();
    let forger = net.raw("client")?; // sees what the client's card sees
    let next = loop {
        let heard = forger.recv()?;
        if heard.payload == b"welcome" {
            break heard.ack; // what the server expects of the client
        }
    };
    net.mark("attack")?;
    net.sockets("client")?; // an answer: so the mark has been heard, too
    for (which, step) in ["outside", "inside", "exact"].iter().zip(STEPS) {
        let ahead = net.number(&format!("client:{which}"))? as u32;
        forger.send(&Tcp {
            source: port,
            destination: 7000,
            flags: "R".into(),
            seq: next.wrapping_add(ahead),
            ..Tcp::default()
        })?;
        net.deliver("client")?;
        net.step(step)?;
        let alive = net.sockets("server")?.iter().any(|s| s.state == "ESTAB");
        if *which == "inside" && alive {
            net.deliver("server")?; // the challenge; the client shrugs
        }
    }
    pair.server.set_nonblocking(true)?;
    let read = outcome(pair.server.read(&mut [0; 1]));
    net.on("server", || net.observe("read", read))?;
    net.keep(pair.client);
    net.keep(pair.server);
    Ok(())
}
// ANCHOR_END: script

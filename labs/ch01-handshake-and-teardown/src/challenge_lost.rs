//! # The challenge is lost
//!
//! **Question.** Between client and server stands a firewall that drops what
//! it thinks belongs to no connection. The client has lost power and comes
//! back with a SYN; the server's challenge is dropped. What now?

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, connect_later, every, fails, hold,
    option, vanish, wire,
};

use crate::pair::{after_greeting, greet};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The challenge never reaches the client. What now?";
    let [stuck, order, counted] = [
        "a second later both ends are where they were",
        "every SYN is answered by a challenge",
        "the server counts two of them",
    ];
    Experiment::new("challenge-lost", question)
        .link(wire("client", "server").rule(hold(every()).since("back")))
        .script(script)
        .option("server", "firewalled", true)
        .claim(stuck, |run| {
            run.states_at("after the second SYN", &["SYN-SENT", "ESTAB"])
        })
        .claim(order, syn_and_challenge)
        .claim(counted, |run| {
            run.counter("server", "TcpExtTCPSYNChallenge").is(2)
        })
        .shows_counter("server", "TcpExtTCPSYNChallenge")
        .what_if(
            "no-firewall",
            option("server", "firewalled", false),
            fails([stuck, order, counted]),
        )
        .ends_with_script()
}

fn syn_and_challenge(run: &Evidence) -> Finding {
    after_greeting(run).are(&["client S", "server .", "client S", "server ."])
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    let port = pair.client.local_addr()?.port();
    vanish(pair.client)?;
    net.keep(pair.server);
    net.keep(pair.listener);
    net.mark("back")?;
    net.sockets("client")?; // an answer: so the mark has been heard, too
    let again = net.on("client", || {
        connect_later(net.here(port), net.at("server", 7000))
    })?;
    net.deliver("client")?; // SYN
    if net.knob("server:firewalled") {
        net.lose("server")?; // the challenge
    } else {
        net.deliver("server")?;
        net.deliver("client")?; // the client's RST
    }
    net.deliver("client")?; // the next SYN
    net.held("server")?;
    net.step("after the second SYN")?;
    drop(again); // before the third; close() in SYN-SENT sends nothing
    Ok(())
}
// ANCHOR_END: script

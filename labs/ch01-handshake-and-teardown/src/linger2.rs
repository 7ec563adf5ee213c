//! # A fin_timeout of one's own
//!
//! **Question.** `tcp_fin_timeout` is for the whole machine. Can one program
//! have a shorter one?

use anyhow::{Context, Result};
use lab_kit::{Experiment, Net, cable, fails, libc, option, set_tcp};

use crate::pair::greet;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "TCP_LINGER2 is 1 s, tcp_fin_timeout 60. Which one counts?";
    let [timer, gone] = [
        "the orphan's timer starts within the second of TCP_LINGER2",
        "it fires, and the peer is left in CLOSE-WAIT",
    ];
    Experiment::new("linger2", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "linger2", 1) // seconds; 0: don't set it
        .claim(timer, |run| {
            run.observed("client", "timer of at most 1 s").is("true")
        })
        .claim(gone, |run| {
            run.states_at("the timer has fired", &["-", "CLOSE-WAIT"])
        })
        .what_if(
            "not-set",
            option("client", "linger2", 0),
            fails([timer, gone]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = greet(net)?;
    net.keep(pair.server);
    let seconds = net.number("client:linger2")?;
    if seconds > 0 {
        set_tcp(&pair.client, libc::TCP_LINGER2, i32::try_from(seconds)?)?;
    }
    drop(pair.client);
    net.until_state("client", "FIN-WAIT-2")?;
    let sockets = net.sockets("client")?;
    let orphan = sockets.first().context("it is gone already")?;
    let short = orphan.timer_ms <= 1000;
    net.on("client", || net.observe("timer of at most 1 s", short))?;
    net.step("FIN-WAIT-2 begins")?;
    if short {
        net.until("the timer fires", || Ok(net.sockets("client")?.is_empty()))?;
        net.step("the timer has fired")?;
    }
    Ok(())
}
// ANCHOR_END: script

//! # Another user's leftovers
//!
//! **Question.** A server has stopped, and something of it is left on the
//! port. May another user's server start there?

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Experiment, Net, cable, fails, option, outcome};
use socket2::Type;

use crate::flags::set;
use crate::server::leave;
use crate::uid::of_another_user;

const ADDR: &str = "with SO_REUSEADDR it may, whatever is left";
const DEAD: &str = "with SO_REUSEPORT it may if only a TIME-WAIT is left";
const LIVE: &str = "with SO_REUSEPORT it may not while a connection lives";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What is left on the port is another user's. Who may start?";
    Experiment::new("uid-leftover", question)
        .root_only("a namespace of one user has no second one")
        .link(cable("client", "server"))
        .script(script)
        .option("server", "other-user", true)
        .option("server", "dead", "TIME-WAIT")
        .option("server", "live", "ESTAB")
        .claim(ADDR, |run| {
            all(["dead, addr", "live, addr"]
                .map(|key| run.observed("server", key).is("ok")))
        })
        .claim(DEAD, |run| run.observed("server", "dead, port").is("ok"))
        .claim(LIVE, |run| {
            run.observed("server", "live, port").is("EADDRINUSE")
        })
        .what_if(
            "same-user",
            option("server", "other-user", false),
            fails([LIVE]),
        )
        .what_if(
            "still-listening",
            [
                option("server", "dead", "LISTEN"),
                option("server", "live", "LISTEN"),
            ],
            fails([ADDR, DEAD]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut port = 7000; // one for each
    for left in ["dead", "live"] {
        let state = net.value(&format!("server:{left}")).unwrap_or_default();
        for flags in ["addr", "port"] {
            leave(net, port, flags, &state)?;
            net.on("server", || {
                let other = of_another_user(net, Type::STREAM)?;
                set(&other, flags)?;
                let bound = other.bind(&net.here(port).into());
                let started = bound.and_then(|()| other.listen(128));
                net.keep(other);
                let key = format!("{left}, {flags}");
                net.observe(&key, outcome(started))
            })?;
            port += 1;
        }
    }
    Ok(())
}
// ANCHOR_END: script

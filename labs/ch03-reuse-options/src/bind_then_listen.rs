//! # bind() is no promise
//!
//! **Question.** Two sockets are bound to one port, and neither call failed.
//! Which of them will accept?

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome};
use socket2::Type;

use crate::flags::bound;

const BOTH: &str = "both bind() succeed";
const SECOND: &str = "the second listen() is EADDRINUSE";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two sockets are bound to one port. Can both listen?";
    Experiment::new("bind-then-listen", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "flags", "addr")
        .option("server", "listens-at-once", false)
        .claim(BOTH, |run| run.observed("server", "second bind").is("ok"))
        .claim(SECOND, |run| {
            run.observed("server", "second listen").is("EADDRINUSE")
        })
        .what_if(
            "first-listens-at-once",
            option("server", "listens-at-once", true),
            fails([BOTH, SECOND]),
        )
        .what_if(
            "reuseport",
            option("server", "flags", "port"),
            fails([SECOND]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let flags = net.value("server:flags").unwrap_or_default();
    net.on("server", || {
        let first = bound(Type::STREAM, &flags, net.here(7000))?;
        if net.knob("listens-at-once") {
            first.listen(128)?;
        }
        let second = match bound(Type::STREAM, &flags, net.here(7000)) {
            Err(error) => {
                return net.observe("second bind", outcome::<()>(Err(error)));
            }
            Ok(second) => second,
        };
        net.observe("second bind", "ok")?;
        net.observe("first listen", outcome(first.listen(128)))?;
        net.observe("second listen", outcome(second.listen(128)))
    })
}
// ANCHOR_END: script

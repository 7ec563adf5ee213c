//! # The matrix
//!
//! **Question.** What an old server left on the port is in some state. Which
//! flags did it need, and which needs a new server, to listen there?

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{Evidence, Experiment, Finding, Knob, Net, cable, fails, option};
use lab_kit::{Truth, outcome};

use crate::cells::{FLAGS, old_flags, table};
use crate::server::{leave, start};

const ADDR: &str = "SO_REUSEADDR in both: ok";
const PORT: &str = "SO_REUSEPORT in both: ok";
const NOT_ADDR: &str = "SO_REUSEADDR in both: EADDRINUSE";
const ELSE: &str = "every other pair: EADDRINUSE";
const IN_USE: &str = "EADDRINUSE";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 4] {
    let [time_wait, fin_wait_2, children] = [
        ("matrix-time-wait", "TIME-WAIT"),
        ("matrix-fin-wait-2", "FIN-WAIT-2"),
        ("matrix-live-children", "ESTAB"),
    ]
    .map(|(name, state)| {
        matrix(name, state, [ADDR, "ok"])
            .what_if("nothing-left", left("nothing"), fails([ELSE]))
            .what_if("still-listening", left("LISTEN"), fails([ADDR]))
            .what_if("flag-after-bind", late(), fails([ADDR, PORT]))
    });
    let time_wait = time_wait
        .folklore(
            Truth::Partly,
            "SO_REUSEPORT instead of SO_REUSEADDR lets a server restart",
            ELSE,
        )
        .folklore_note("if the old one had it as well");
    let listening = matrix("matrix-listening", "LISTEN", [NOT_ADDR, IN_USE])
        .what_if("nothing-left", left("nothing"), fails([NOT_ADDR, ELSE]))
        .what_if("children-left", left("ESTAB"), fails([NOT_ADDR]))
        .what_if("flag-after-bind", late(), fails([PORT]))
        .folklore(
            Truth::False,
            "With SO_REUSEADDR a second server can take a port in use",
            NOT_ADDR,
        )
        .folklore(
            Truth::True,
            "All listeners of a port need SO_REUSEPORT, the first one, too",
            ELSE,
        );
    [time_wait, fin_wait_2, children, listening]
}

fn matrix(name: &str, state: &str, addr: [&'static str; 2]) -> Experiment {
    let [claim, wanted] = addr;
    let question = format!("{state} is left on the port. Who may listen?");
    Experiment::new(name, &question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "left", state)
        .option("server", "flag-after-bind", false)
        .claim(claim, move |run| cell(run, "addr", "addr", wanted))
        .claim(PORT, |run| cell(run, "port", "port", "ok"))
        .claim(ELSE, others)
        .figure(&format!("{state}: who may listen"), |run| {
            table(run, "old, then new", old_flags())
        })
        .ends_with_script()
}
// ANCHOR_END: experiment

fn left(state: &str) -> Knob {
    option("server", "left", state)
}

fn late() -> Knob {
    option("server", "flag-after-bind", true)
}

fn cell(run: &Evidence, old: &str, new: &str, wanted: &str) -> Finding {
    run.observed("server", &format!("{old}, then {new}")).is(wanted)
}

fn others(run: &Evidence) -> Finding {
    let pairs = FLAGS.iter().flat_map(|old| FLAGS.map(|new| (*old, new)));
    let other = pairs.filter(|(old, new)| old != new || *old == "none");
    all(other.map(|(old, new)| cell(run, old, new, IN_USE)))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let left = net.value("server:left").unwrap_or_default();
    for (row, old) in FLAGS.iter().enumerate() {
        for (column, new) in FLAGS.iter().enumerate() {
            // A port for each cell: what one leaves is in no other's way.
            let port = 7000 + 10 * row as u16 + column as u16;
            leave(net, port, old, &left)?;
            let key = format!("{old}, then {new}");
            net.on("server", || {
                let again = start(net, net.here(port), new);
                net.observe(&key, outcome(again.map(|s| net.keep(s))))
            })?;
        }
    }
    Ok(())
}
// ANCHOR_END: script

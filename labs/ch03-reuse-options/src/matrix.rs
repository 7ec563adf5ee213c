//! # The matrix
//!
//! **Question.** What an old server left on the port is in some state. Which
//! flags did it need, and which needs a new server, to listen there?

use std::net::SocketAddr;

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::outcome;
use lab_kit::{Evidence, Experiment, Finding, Knob, Net, cable, fails, option};
use socket2::Type;

use crate::flags::{bound, set};
use crate::leave::leave;

const FLAGS: [&str; 3] = ["none", "addr", "port"];
const ADDR: &str = "SO_REUSEADDR in both: ok";
const PORT: &str = "SO_REUSEPORT in both: ok";
const NOT_ADDR: &str = "SO_REUSEADDR in both: EADDRINUSE";
const ELSE: &str = "a flag that only one has: EADDRINUSE";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 4] {
    let [time_wait, fin_wait_2, children] = [
        ("matrix-time-wait", "TIME-WAIT"),
        ("matrix-fin-wait-2", "FIN-WAIT-2"),
        ("matrix-live-children", "ESTAB"),
    ]
    .map(|(name, state)| {
        matrix(name, state)
            .claim(ADDR, |run| cell(run, "addr", "addr", "ok"))
            .what_if("nothing-left", left("nothing"), fails([ELSE]))
            .what_if("still-listening", left("LISTEN"), fails([ADDR]))
            .what_if("flag-after-bind", late(), fails([ADDR, PORT]))
    });
    let listening = matrix("matrix-listening", "LISTEN")
        .claim(NOT_ADDR, |run| cell(run, "addr", "addr", "EADDRINUSE"))
        .what_if("nothing-left", left("nothing"), fails([NOT_ADDR, ELSE]))
        .what_if("children-left", left("ESTAB"), fails([NOT_ADDR]))
        .what_if("flag-after-bind", late(), fails([PORT]));
    [time_wait, fin_wait_2, children, listening]
}

fn matrix(name: &str, state: &str) -> Experiment {
    let question = format!("On the port is a {state}. Who may listen there?");
    Experiment::new(name, &question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "left", state)
        .option("server", "flag-after-bind", false)
        .claim(PORT, |run| cell(run, "port", "port", "ok"))
        .claim(ELSE, others)
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
    all(other.map(|(old, new)| cell(run, old, new, "EADDRINUSE")))
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for (row, old) in FLAGS.iter().enumerate() {
        for (column, new) in FLAGS.iter().enumerate() {
            // A port for each cell: what one leaves is in no other's way.
            let port = 7000 + 10 * row as u16 + column as u16;
            leave(net, port, old)?;
            let key = format!("{old}, then {new}");
            net.on("server", || {
                let again = start(net, net.here(port), new);
                net.observe(&key, outcome(again.map(|s| net.keep(s))))
            })?;
        }
    }
    Ok(())
}

/// The new server: flag, bind(), listen(); or bind() first, as one does who
/// doesn't know that the flag is for bind().
fn start(
    net: &Net,
    address: SocketAddr,
    flags: &str,
) -> std::io::Result<socket2::Socket> {
    let late = net.knob("flag-after-bind");
    let before = if late { "none" } else { flags };
    let socket = bound(Type::STREAM, before, address)?;
    set(&socket, flags)?;
    socket.listen(128)?;
    Ok(socket)
}
// ANCHOR_END: script

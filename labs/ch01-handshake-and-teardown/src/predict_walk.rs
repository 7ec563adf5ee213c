//! # Exercise: nine states
//!
//! A prediction about [`walk`](crate::walk), where time stops between two
//! segments and both kernels are asked.

use lab_kit::{Evidence, Exercise, order};

const CLIENT: &str = "the client's states, in the order in which they come";
const SERVER: &str = "the server's states, in theirs";
const MEANWHILE: &str = "what both are in when one FIN has arrived";

pub(crate) fn exercise() -> Exercise {
    let experiment = crate::walk::experiment().named("predict-walk");
    let states = lab_kit::one_of([
        "SYN-SENT",
        "SYN-RECV",
        "ESTAB",
        "FIN-WAIT-1",
        "FIN-WAIT-2",
        "CLOSE-WAIT",
        "LAST-ACK",
        "CLOSING",
        "TIME-WAIT",
    ]);
    let client = ["SYN-SENT", "ESTAB", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT"];
    let server = ["SYN-RECV", "ESTAB", "CLOSE-WAIT", "LAST-ACK"];
    let arrived = "The client's FIN has arrived, no answer to it has. In which \
                   state is the";
    Exercise::predict("Every state, in order", experiment)
        .asks("client", "The client's states, in order?", order(client))
        .asks("server", "The server's states, in order?", order(server))
        .asks("client_now", &format!("{arrived} client?"), states.clone())
        .asks("server_now", &format!("{arrived} server?"), states)
        .rule(
            4,
            CLIENT,
            [
                "The client opens and closes first. What does it wait for \
                 after each of its segments?",
                "Two states are named after the FIN that it has sent, one \
                 after the time that it waits in the end.",
                "It asks, is established, waits for the ACK of its FIN, then \
                 for the other FIN, and then for a minute.",
            ],
            |run| run.said("client").is_order(walked(run, "client")),
        )
        .rule(
            3,
            SERVER,
            [
                "The server is called, and closes second.",
                "After the client's FIN its kernel waits for its program; \
                 after its own, for one more ACK.",
                "It has received a SYN, is established, waits for close(), \
                 and then for the last ACK.",
            ],
            |run| run.said("server").is_order(walked(run, "server")),
        )
        .rule(
            3,
            MEANWHILE,
            [
                "A FIN that has arrived has changed one end already.",
                "The other end moves when it gets the ACK, not before.",
                "The client is still in the first state after its close(), \
                 the server waits for its program.",
            ],
            |run| {
                let now = |host| {
                    let mut steps = run.steps.iter();
                    let step = steps.find(|s| s.label == "FIN arrives");
                    step.map_or_else(String::new, |s| s.state_of(host))
                };
                let client = run.said("client_now").is(now("client"));
                client.and(run.said("server_now").is(now("server")))
            },
        )
        .wrong("swapped", CLIENT)
        .wrong("last-ack-first", SERVER)
        .wrong("too-far", MEANWHILE)
}

/// The states that a host came through, each once.
fn walked(run: &Evidence, host: &str) -> Vec<String> {
    let mut states: Vec<String> =
        run.steps.iter().map(|step| step.state_of(host)).collect();
    states.retain(|state| state != "-");
    states.dedup();
    states
}

//! What `walk` expects after each of its steps, and the card of states that
//! is drawn from what it saw.

use lab_kit::claim::all;
use lab_kit::figure::Table;
use lab_kit::{Evidence, Figure, Finding};

/// What has just happened, and the states that follow: client, server.
pub(super) type Walk = [(&'static str, [&'static str; 2])];

pub(super) const OPENING: &Walk = &[
    ("connect() sends a SYN", ["SYN-SENT", "-"]),
    ("SYN arrives", ["SYN-SENT", "SYN-RECV"]),
    ("SYN ACK arrives", ["ESTAB", "SYN-RECV"]),
    ("ACK arrives", ["ESTAB", "ESTAB"]),
];
pub(super) const CLIENT_CLOSES: &Walk = &[
    ("client closes", ["FIN-WAIT-1", "ESTAB"]),
    ("FIN arrives", ["FIN-WAIT-1", "CLOSE-WAIT"]),
    ("ACK of FIN arrives", ["FIN-WAIT-2", "CLOSE-WAIT"]),
];
pub(super) const SERVER_CLOSES: &Walk = &[
    ("server closes", ["FIN-WAIT-2", "LAST-ACK"]),
    ("its FIN arrives", ["TIME-WAIT", "LAST-ACK"]),
    ("last ACK arrives", ["TIME-WAIT", "-"]),
];

pub(super) const LAST: &str = "closing the other leaves one TIME-WAIT";
pub(super) const ORDER: &str = "seven segments, in this order";

#[rustfmt::skip] // the handshake, then the two closes
pub(super) const SEGMENTS: [&str; 7] = [
    "client S", "server S.", "client .",
    "client F.", "server .", "server F.", "client .",
];

pub(super) fn walks(run: &Evidence, walk: &Walk) -> Finding {
    all(walk.iter().map(|(label, states)| run.states_at(label, states)))
}

/// Every state of RFC 9293, section 3.3.2, that this walk comes through, in
/// the order in which it is entered, and what the host had to see for it.
pub(super) fn card(run: &Evidence) -> Table {
    let mut entered: Vec<(String, [String; 2])> = Vec::new();
    for step in &run.steps {
        for (n, host) in run.trace.hosts.iter().enumerate().take(2) {
            let state = step.state_of(host);
            if state == "-" {
                continue;
            }
            let known = entered.iter().position(|(name, _)| *name == state);
            let at = known.unwrap_or_else(|| {
                entered.push((state, Default::default()));
                entered.len() - 1
            });
            if entered[at].1[n].is_empty() {
                entered[at].1[n].clone_from(&step.label);
            }
        }
    }
    let head = ["state", "the client is in it when", "the server when"];
    entered.into_iter().fold(Figure::table(head), |card, (state, when)| {
        let [client, server] = when.map(|label| match label.is_empty() {
            true => "never".into(),
            false => label,
        });
        card.row([state, client, server])
    })
}

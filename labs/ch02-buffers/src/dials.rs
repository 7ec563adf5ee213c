//! The instrument panel as evidence: what a queue was at a recorded step.

use lab_kit::{Evidence, Finding, Socket};

// ANCHOR: dials
/// At this step these dials showed these numbers: `("client", "Send-Q", 10)`.
pub(crate) fn dials(
    run: &Evidence,
    label: &str,
    wanted: &[(&str, &str, u32)],
) -> Finding {
    let words =
        |&(host, dial, n): &(&str, &str, u32)| format!("{dial} of {host} {n}");
    let want: Vec<_> = wanted.iter().map(words).collect();
    let seen: Vec<_> = wanted
        .iter()
        .map(|&(host, dial, _)| match socket_at(run, label, host) {
            Some(socket) => words(&(host, dial, read(socket, dial))),
            None => format!("no socket of {host}"),
        })
        .collect();
    let want = format!("{label}: {}", want.join(", "));
    let seen = format!("{label}: {}", seen.join(", "));
    Finding::new(want == seen, want, seen)
}

/// A host's connection as it was at this step.
pub(crate) fn socket_at<'a>(
    run: &'a Evidence,
    label: &str,
    host: &str,
) -> Option<&'a Socket> {
    let step = run.steps.iter().find(|step| step.label == label)?;
    let mut all = step.sockets.get(host)?.iter();
    all.find(|socket| socket.state != "LISTEN")
}

fn read(socket: &Socket, dial: &str) -> u32 {
    let unknown = u32::MAX;
    match dial {
        "Send-Q" => socket.send_q,
        "Recv-Q" => socket.recv_q,
        "unacked" => socket.unacked.unwrap_or(unknown),
        "not sent" => socket.not_sent.unwrap_or(unknown),
        "window" => socket.window.unwrap_or(unknown),
        _ => unknown,
    }
}
// ANCHOR_END: dials

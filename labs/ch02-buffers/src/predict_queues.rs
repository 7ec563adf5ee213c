//! # Exercise: the instrument panel
//!
//! A prediction about [`queues`](crate::queues): what `ss` shows while 1000
//! bytes go from one program to the other.

use lab_kit::{Evidence, Exercise, Socket, number};

use crate::dials::socket_at;

const LISTENER: &str = "what a listener's Recv-Q counts";
const ARRIVED: &str = "where acknowledged bytes are";
const PART: &str = "what a read() changes";
const FIN: &str = "what a FIN counts, and for whom";

pub(crate) fn exercise() -> Exercise {
    let experiment = crate::queues::experiment().named("predict-queues");
    let all_read = "All is read, and the client's FIN has come.";
    let [recv_q, left] = [
        format!("{all_read} The server's Recv-Q?"),
        format!("{all_read} How many bytes can the server read?"),
    ];
    Exercise::predict("The instrument panel", experiment)
        .asks(
            "listener",
            "Nobody has accepted. The listener's Recv-Q?",
            number(),
        )
        .asks(
            "sent",
            "1000 bytes are acknowledged. The client's Send-Q?",
            number(),
        )
        .asks("arrived", "And the server's Recv-Q?", number())
        .asks("part", "The server has read 400. Its Recv-Q?", number())
        .asks("end", &recv_q, number())
        .asks("left", &left, number())
        .rule(
            2,
            LISTENER,
            [
                "A listener has no bytes.",
                "What waits at a listener until somebody calls accept()?",
                "One client has connected. That is one connection.",
            ],
            |run| {
                let queues =
                    run.observed("server", "listener's Recv-Q, Send-Q");
                let recv_q = queues.text().split(',').next().unwrap_or("");
                let recv_q = recv_q.trim().parse::<i64>();
                run.said("listener").is_number(recv_q.unwrap_or(-1))
            },
        )
        .rule(
            3,
            ARRIVED,
            [
                "Who still has a reason to keep the bytes?",
                "The client keeps what might have to be sent again.",
                "An ACK empties Send-Q. Nobody has read, so Recv-Q has all.",
            ],
            |run| {
                let client = dial(run, "1000 bytes written", "client");
                let server = dial(run, "1000 bytes written", "server");
                let sent = run.said("sent").is_number(client.1);
                sent.and(run.said("arrived").is_number(server.0))
            },
        )
        .rule(
            2,
            PART,
            [
                "Where do the bytes come from that a read() returns?",
                "They are in the receive buffer until then, not after.",
                "1000, less 400.",
            ],
            |run| {
                let server = dial(run, "400 read", "server");
                run.said("part").is_number(server.0)
            },
        )
        .rule(
            3,
            FIN,
            [
                "Recv-Q is computed from sequence numbers.",
                "A FIN takes a sequence number, as a byte does. It is none.",
                "It counts one in Recv-Q; a program that asks how many bytes \
                 there are is told the bytes.",
            ],
            |run| {
                let server = dial(run, "all read, and a FIN", "server");
                let end = run.said("end").is_number(server.0);
                let left = run.observed("server", "bytes left to read");
                let left = left.number().value().unwrap_or(-1);
                end.and(run.said("left").is_number(left))
            },
        )
        .wrong("still-sending", ARRIVED)
        .wrong("nothing-left", FIN)
        .wrong("backlog", LISTENER)
}

/// Recv-Q and Send-Q of a host at a step; -1 where there is no socket.
fn dial(run: &Evidence, label: &str, host: &str) -> (i64, i64) {
    let both = |s: &Socket| (i64::from(s.recv_q), i64::from(s.send_q));
    socket_at(run, label, host).map_or((-1, -1), both)
}

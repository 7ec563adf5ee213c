//! # Exercise: some of them hang
//!
//! A server of two workers, after a crash. Some guests are served as ever.

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Net, Selection, cable, number, one_of,
};

use crate::crew::Crew;
use crate::guest::{ask, connect_from, group, part, work};
use crate::steer::{port_modulo, steer};

pub(crate) fn exercise() -> Exercise {
    let question = "Some guests are served, some hang. Which, and why?";
    let experiment = Experiment::new("some-hang", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script();
    let causes = [
        "packets-are-lost",
        "backlog-too-small",
        "edge-not-drained",
        "worker-is-busy",
        "listener-without-a-reader",
    ];
    let cures = [
        "a-larger-backlog",
        "EPOLLEXCLUSIVE",
        "EPOLLET",
        "each-worker-opens-its-own-listener",
        "one-more-worker-with-one-more-listener",
    ];
    Exercise::diagnose("Some of them hang", experiment)
        .asks("cause", "Why do some guests hang?", one_of(causes))
        .asks(
            "segment",
            "Which segment carries a request that nobody will ever read (one \
             such number in the ladder)?",
            number(),
        )
        .asks("cure", "What keeps it from happening again?", one_of(cures))
        .rule(4, "the cause is named", HINTS[0], |run| {
            run.said("cause").is("listener-without-a-reader")
        })
        .rule(
            3,
            "the segment is a request without an answer",
            HINTS[1],
            |run| run.said("segment").names(&unanswered(run)),
        )
        .rule(3, "the cure is one", HINTS[2], |run| {
            run.said("cure").is("each-worker-opens-its-own-listener")
        })
        .wrong("busy", "the cause is named")
        .wrong("before-the-crash", "the segment is a request without an answer")
        .wrong("one-more", "the cure is one")
}

const HINTS: [[&str; 3]; 3] = [
    [
        "How far does a guest who hangs get? What has the server's kernel \
         acknowledged?",
        "Two rows listen, and one has a queue. How many workers are there to \
         read them, and what does each do?",
        "A listener lives for as long as anybody holds a descriptor of it, \
         if only the parent, who never calls accept().",
    ],
    [
        "A request is one byte from the client. Whose is never answered?",
        "Take a connection that begins after the crash, and on which the \
         server sends no data.",
        "Its number is that of the segment `PSH ACK 1:2` of that connection.",
    ],
    [
        "Who opened the listener that nobody reads, and who still has it?",
        "Another listener beside it changes nothing for those whom the hash \
         sends to the old one.",
        "What a worker has opened itself, after the fork, is closed when the \
         worker dies.",
    ],
];

/// Requests on connections on which the server says nothing.
fn unanswered(run: &Evidence) -> Selection<'_> {
    let answered: Vec<u32> = run
        .segments()
        .from("server")
        .with_data()
        .iter()
        .map(|s| s.flow)
        .collect();
    let requests = run.segments().from("client").with_data();
    requests.that("without an answer", |s| !answered.contains(&s.flow))
}

fn script(net: &Net) -> Result<()> {
    let listeners = group(net, 2)?; // before the fork
    steer(&listeners[0], &mut port_modulo(2))?; // where a hash would vary
    let mut crew = Crew::new();
    for own in &listeners {
        crew.hire(net, |desk| work(desk, own))?;
    }
    let mut guests = Vec::new();
    for port in [40_001, 40_000] {
        guests.push(ask(net, connect_from(net, port)?, b"?")?);
        crew.look(net)?;
    }
    part(net, std::mem::take(&mut guests))?;
    crew.kill(0)?;
    net.mark("worker 0 crashes")?;
    for port in [40_003, 40_002, 40_005, 40_004] {
        guests.push(ask(net, connect_from(net, port)?, b"?")?);
        crew.look(net)?; // worker 1 sleeps, so it has served what it saw
    }
    part(net, guests)?; // who is served, goes
    net.until("only those who hang are left", || {
        let mut sockets = net.sockets("server")?.into_iter();
        let rest = ["LISTEN", "ESTAB", "TIME-WAIT"];
        Ok(sockets.all(|s| rest.contains(&s.state.as_str())))
    })?;
    net.step("four more have come")?;
    let mut rows = net.sockets("server")?;
    rows.retain(|s| s.state == "LISTEN");
    rows.sort_by_key(|s| s.recv_q);
    net.on("server", || {
        for (n, s) in rows.iter().enumerate() {
            let (queue, most) = (s.recv_q, s.send_q);
            let row = format!("LISTEN, Recv-Q {queue}, Send-Q {most}");
            net.observe(&format!("ss -ltn, row {}", n + 1), row)?;
        }
        net.observe("ps", format!("parent, {} worker", crew.len()))?;
        let asleep = crew.call(0)? == Some(lab_kit::libc::SYS_epoll_wait);
        let doing = if asleep { "asleep in epoll_wait" } else { "at work" };
        net.observe("worker 1", doing)
    })?;
    listeners.into_iter().for_each(|listener| net.keep(listener));
    Ok(())
}

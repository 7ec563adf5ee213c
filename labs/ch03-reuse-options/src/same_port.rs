//! # Exercise: one port, two servers
//!
//! The answer plays a client that may use one source port only. It is told
//! `go` when the lab has seen what it holds.

use std::io::Write;
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, secs};

const PORT: &str = "whoever is called is called from port 5000";
const BOTH: &str = "both servers are connected at the same time";
const END: &str = "both say `go`, and nobody is reset";

pub(crate) fn exercise() -> Exercise {
    let question = "One source port, two servers at the same time?";
    let experiment = Experiment::new("same-port", question)
        .link(cable("client", "server"))
        .script(script)
        .answered_by("client")
        .ends_with_script()
        .by_events()
        .within(secs(20));
    Exercise::new("One port, two servers", experiment)
        .rule(3, PORT, HINTS[0], called_from)
        .rule(4, BOTH, HINTS[1], |run| {
            run.observed("server", "connected").is("7000 7001")
        })
        .rule(3, END, HINTS[2], |run| {
            let went = run.segments().from("server").saying("go").count_is(2);
            went.and(run.segments().with_flag('R').none())
        })
        .starter_breaks(BOTH)
        .wrong("any-port", PORT)
        .wrong("flag-on-the-second", BOTH)
        .wrong("one-after-another", BOTH)
        .wrong("no-patience", END)
}

const HINTS: [[&str; 3]; 3] = [
    [
        "From which port does each of your SYNs come?",
        "A connect() without a bind() before it gets a port that the kernel \
         chooses.",
        "bind() both sockets to 0.0.0.0:5000 before they connect.",
    ],
    [
        "Which of your two calls fails, bind() or connect()? With what?",
        "bind() doesn't know yet that the two will go to different servers, \
         so it refuses the second. Unless both sockets agreed to share.",
        "set_reuse_address(true) on both, each before its own bind().",
    ],
    [
        "Who sends the RST, and what was he sent just before?",
        "A socket that is closed with something unread sends a RST.",
        "Read `go` from both before you close either.",
    ],
];

fn called_from(run: &Evidence) -> Finding {
    let saw = run.observed("server", "called from").text().to_string();
    let holds = !saw.is_empty() && saw.split(' ').all(|port| port == "5000");
    let saw = if saw.is_empty() { "no call".into() } else { saw };
    Finding::new(holds, "calls from port 5000, from no other", saw)
}

fn script(net: &Net) -> Result<()> {
    let mut listeners = Vec::new();
    for port in [7000, 7001] {
        let listener =
            net.on("server", || TcpListener::bind(net.here(port)))?;
        listener.set_nonblocking(true)?;
        listeners.push(listener);
    }
    net.on("client", || {
        let to = [7000, 7001].map(|port| net.at("server", port).to_string());
        net.answer(&["5000", &to[0], &to[1]])
    })?;
    net.still()?;
    let mut calls: Vec<TcpStream> = Vec::new();
    for listener in &listeners {
        let some = (0..8).map_while(|_| listener.accept().ok());
        calls.extend(some.map(|(call, _)| call));
    }
    net.step("both have been called")?;
    let sockets = net.sockets("server")?.into_iter();
    let connected = sockets.filter(|s| s.state == "ESTAB");
    let to = listed(connected.map(|s| s.local_port));
    let from = calls.iter().filter_map(|call| call.peer_addr().ok());
    let from = listed(from.map(|peer| peer.port()));
    net.on("server", || {
        net.observe("called from", from)?;
        net.observe("connected", to)
    })?;
    for call in &mut calls {
        let _ = call.write_all(b"go"); // one that was reset shows on the wire
    }
    net.still()?;
    drop(calls);
    net.still().map(drop)
}

fn listed(ports: impl Iterator<Item = u16>) -> String {
    let mut ports: Vec<_> = ports.take(16).collect();
    ports.sort();
    let ports: Vec<_> = ports.iter().map(u16::to_string).collect();
    ports.join(" ")
}

//! # A worker is stopped gracefully
//!
//! **Question.** Two listeners share a port, and one is closed. Three clients
//! are connected to it and wait to be accepted. What becomes of them?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, sysctl};

use crate::group::Group;
use crate::steer::by_port;

const MIGRATE: &str = "net.ipv4.tcp_migrate_req";
const RESET: &str = "the three connections in its queue are reset";
const NONE: &str = "the other listener gets none of the three";
const KEPT: &str = "a connection that was accepted in time lives on";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "One of two listeners is closed. Who loses a connection?";
    Experiment::new("close-loses", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "accepts-one", true)
        .claim(RESET, |run| {
            run.segments().from("server").with_flag('R').count_is(3)
        })
        .claim(NONE, |run| run.observed("server", "other accepts").is("1"))
        .claim(KEPT, |run| run.observed("client", "port 5000").is("served"))
        .shows_counter("server", "TcpExtTCPMigrateReqSuccess")
        .what_if("migrate", sysctl("server", MIGRATE, 1), fails([RESET, NONE]))
        .what_if_since((5, 14), "f9ac779f881c", MIGRATE)
        .what_if(
            "nothing-accepted",
            option("server", "accepts-one", false),
            fails([RESET, KEPT]),
        )
        .folklore(
            Truth::Partly,
            "Closing one of several SO_REUSEPORT listeners drops the \
             connections in its queue",
            RESET,
        )
        .folklore_note("unless net.ipv4.tcp_migrate_req is 1 (Linux 5.14)")
        .folklore(
            Truth::False,
            "Closing a worker's listener first is a graceful stop",
            RESET,
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut group = Group::of(net, 7000, 2)?;
    // Even ports to the first, odd ports to the second; without this the
    // hash would decide, and each run would lose other connections.
    by_port(&group.listeners[0], 2)?;

    let first = group.call(net, 5000)?;
    let accepted = match net.knob("server:accepts-one") {
        true => Some(group.accept(net)?.1),
        false => None,
    };
    let mut clients = vec![first];
    for port in [5001, 5002, 5004, 5006] {
        clients.push(group.call(net, port)?);
    }
    let waiting = clients.len() - accepted.iter().len();
    net.until("all are in a queue", || {
        let queues = net.sockets("server")?.into_iter();
        let listeners = queues.filter(|s| s.state == "LISTEN");
        Ok(listeners.map(|s| s.recv_q as usize).sum::<usize>() == waiting)
    })?;
    drop(group.listeners.remove(0)); // the graceful stop
    net.mark("the first listener is closed")?;

    let mut served: Vec<_> = accepted.into_iter().collect();
    let mut other = 0;
    while let Ok((socket, _)) = group.listeners[0].accept() {
        served.push(socket.into());
        other += 1;
    }
    net.on("server", || net.observe("other accepts", other))?;
    for socket in &mut served {
        socket.write_all(b"served")?;
    }
    for mut client in clients {
        let port = client.local_addr()?.port();
        let mut answer = [0; 6];
        let said = match client.read_exact(&mut answer) {
            Ok(()) => String::from_utf8_lossy(&answer).into_owned(),
            Err(error) => outcome::<()>(Err(error)),
        };
        net.on("client", || net.observe(&format!("port {port}"), said))?;
        net.keep(client);
    }
    served.into_iter().for_each(|socket| net.keep(socket));
    Ok(())
}
// ANCHOR_END: script

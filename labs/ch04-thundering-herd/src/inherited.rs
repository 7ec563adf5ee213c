//! # A listener that outlives its worker
//!
//! **Question.** Two workers, a listener each. Worker 0 crashes. Who gets its
//! guests, if the parent had opened both listeners before it forked?

use std::net::SocketAddr;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, receive_queue};

use crate::crew::Crew;
use crate::guest::{ask, connect_from, group_at, open, part, work};
use crate::steer::{port_modulo, steer};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A worker has crashed. Who gets its guests?";
    let [lives, half] = [
        "its listener lives on, with its parent",
        "half of the guests wait in a queue that nobody reads",
    ];
    Experiment::new("reuseport-inherited", question)
        .link(cable("client", "server"))
        .script(script)
        .ends_with_script()
        .option("server", "inherited", true)
        .claim(lives, |run| run.observed("server", "listeners").is("2"))
        .claim(half, |run| {
            let answered = run.observed("client", "answered");
            let queue = run.observed("server", "wait to be accepted");
            answered.is("4 of 8").and(queue.is("4"))
        })
        .what_if(
            "opened-by-worker",
            option("server", "inherited", false),
            fails([lives, half]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let here: SocketAddr = net.on("server", || net.here(7000));
    let mut crew = Crew::new();
    let mut opened_by_parent = Vec::new();
    if net.knob("server:inherited") {
        opened_by_parent = net.on("server", || group_at(here, 2))?;
        steer(&opened_by_parent[0], &mut port_modulo(2))?;
    }
    for number in 0..2 {
        crew.hire(net, |desk| match opened_by_parent.get(number) {
            Some(inherited) => work(desk, inherited),
            None => {
                let own = net.on("server", || open(here, true))?;
                steer(&own, &mut port_modulo(2))?;
                work(desk, &own)
            }
        })?;
    }
    crew.kill(0)?;
    let mut guests = Vec::new();
    for port in 40_000..40_008 {
        guests.push(ask(net, connect_from(net, port)?, b"?")?);
        crew.look(net)?;
    }
    let listeners = net.sockets("server")?.into_iter();
    let listeners = listeners.filter(|s| s.state == "LISTEN");
    let queues: Vec<u32> = listeners.map(|s| s.recv_q).collect();
    let waiting: u32 = queues.iter().sum();
    net.until("the others have their answers", || {
        let mut answered = 0;
        for guest in &guests {
            answered += u32::from(receive_queue(guest)? > 0);
        }
        Ok(answered + waiting == 8)
    })?;
    net.on("client", || {
        net.observe("answered", format!("{} of 8", 8 - waiting))
    })?;
    net.on("server", || {
        net.observe("listeners", queues.len())?;
        net.observe("wait to be accepted", waiting)
    })?;
    part(net, guests)
}
// ANCHOR_END: script

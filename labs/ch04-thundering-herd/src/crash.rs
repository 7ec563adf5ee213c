//! A worker crashes, whose listener its parent opened; what the server is like
//! then, as `ss` and `ps` would tell.

use anyhow::Result;
use lab_kit::Net;

use crate::crew::{Crew, EPOLL_WAIT};
use crate::guest::{ask, connect_from, group, part, work};
use crate::steer::{port_modulo, steer};

pub(crate) fn script(net: &Net) -> Result<()> {
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
        let asleep = crew.call(0)? == Some(EPOLL_WAIT);
        let doing = if asleep { "asleep in epoll_wait" } else { "at work" };
        net.observe("worker 1", doing)
    })?;
    listeners.into_iter().for_each(|listener| net.keep(listener));
    Ok(())
}

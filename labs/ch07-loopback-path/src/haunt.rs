//! A connection whose one end is forgotten and whose other end is never
//! closed; then a second one from the same port.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Net, Selection, connect_later, outcome, secs, tcp_state,
};
use socket2::SockRef;

/// What is on the link once the client's kernel has forgotten.
pub(crate) fn meeting(run: &Evidence) -> Selection<'_> {
    let mark = run.marks.iter().find(|m| m.name == "forgotten");
    let from = mark.map_or(i64::MAX, |mark| mark.at);
    run.segments().that("of the second try", move |s| s.at > from)
}

// ANCHOR: script
pub(crate) fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let connect = || {
        net.on("client", || {
            connect_later(net.here(7001), net.at("server", 7000))
        })
    };
    let old = connect()?;
    let (ghost, _) = listener.accept()?;
    drop(old);
    net.until_state("server", "CLOSE-WAIT")?;
    let mut ghost = Some(ghost);
    if net.knob("server:aborts")
        && let Some(socket) = ghost.take()
    {
        SockRef::from(&socket).set_linger(Some(secs(0)))?; // RST
    }
    net.until("the client's kernel has forgotten", || {
        Ok(net.sockets("client")?.iter().all(|s| s.local_port != 7001))
    })?;
    let state = |when| {
        let states = states(net)?;
        net.on("server", || net.observe(when, states))
    };
    state("before")?;
    net.mark("forgotten")?;
    if net.knob("server:drops-rst") {
        net.mark("dropping")?;
    }

    let new = connect()?;
    net.until("it is connected, or was challenged three times", || {
        let resets = net.counter("client", "TcpOutRsts")?;
        Ok(resets >= 3 || tcp_state(&new)? == "ESTAB")
    })?;
    state("after")?;
    if let Some(mut ghost) = ghost {
        if tcp_state(&new)? == "ESTAB" {
            net.on("server", || haunt(net, &mut ghost))?;
        }
        net.keep(ghost);
    }
    net.keep(new);
    net.keep(listener);
    Ok(())
}

/// What the program sees that still holds the old connection.
fn haunt(net: &Net, ghost: &mut TcpStream) -> Result<()> {
    let read = match ghost.read(&mut [0; 1]) {
        Ok(0) => "end".into(),
        other => outcome(other),
    };
    net.observe("old connection, read", read)?;
    net.observe("old connection, write", outcome(ghost.write(b"hello")))
}
// ANCHOR_END: script

/// The states of the server's connections.
fn states(net: &Net) -> Result<String> {
    let all = net.sockets("server")?.into_iter();
    let open = all.filter(|s| s.local_port == 7000 && s.state != "LISTEN");
    let states: Vec<_> = open.map(|s| s.state).collect();
    Ok(if states.is_empty() { "-".into() } else { states.join(", ") })
}

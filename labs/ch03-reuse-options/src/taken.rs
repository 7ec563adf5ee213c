//! A service's port is taken, on a host with a listener and a TIME-WAIT at
//! another port; its sockets, as `ss` would list them.

use std::io::Read;
use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Net, outcome};
use socket2::Type;

use crate::flags::{bound, listen, socket};

pub(crate) fn script(net: &Net) -> Result<()> {
    // A metrics endpoint: it listens, and its last caller left a TIME-WAIT.
    let metrics = net.on("server", || listen("addr", net.here(41000)))?;
    let caller =
        net.on("client", || bound(Type::STREAM, "none", net.here(50000)))?;
    caller.connect(&metrics.local_addr()?)?;
    drop(metrics.accept()?);
    let mut caller = TcpStream::from(caller);
    caller.read_to_end(&mut Vec::new())?;
    drop(caller);
    net.until_state("server", "TIME-WAIT")?;

    let database = net.on("client", || TcpListener::bind(net.here(5432)))?;
    net.on("server", || {
        let outgoing = socket(Type::STREAM, "none")?;
        outgoing.connect(&net.at("client", 5432).into())?;
        net.keep(outgoing);
        anyhow::Ok(())
    })?;
    net.keep(database.accept()?.0);

    net.step("the service starts")?;
    net.on("server", || {
        let said = outcome(listen("addr", net.here(40000)));
        net.observe("the service, with SO_REUSEADDR, says", said)?;
        list(net)
    })
}

/// The server's sockets as `ss -tan` shows them.
fn list(net: &Net) -> Result<()> {
    let mut sockets = net.sockets("server")?;
    sockets.sort_by_key(|s| (s.local_port, s.remote_port));
    for (n, s) in sockets.iter().enumerate() {
        let row = format!("{s}, {} to {}", s.local_port, s.remote_port);
        net.observe(&format!("ss, row {}", n + 1), row)?;
    }
    Ok(())
}

//! The server of the exercise [`dead_or_slow`](crate::dead_or_slow): it
//! vanishes without a packet, and comes back to think.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Instant;

use anyhow::Result;
use lab_kit::{Net, ms, secs, vanish};
use socket2::SockRef;

use crate::answers::meanwhile;

const JOB: &[u8] = b"add 2 3\n";
pub(crate) const DEATH: &str = "the power fails";

// ANCHOR: server
pub(crate) fn server(net: &Net) -> Result<()> {
    let listener = TcpListener::bind(net.here(7000))?;
    net.mark("listening")?;
    if serve(net, &listener)? != "taken" {
        net.stop_answer(0)?; // it may wait for ever
    }
    Ok(())
}

fn serve(net: &Net, listener: &TcpListener) -> Result<&'static str> {
    let first = listener.accept()?.0;
    if !asked(&first)? {
        return Ok("no job");
    }
    net.mark(DEATH)?;
    vanish(first)?; // no FIN, no RST; a new kernel is there at once
    let died = Instant::now();

    SockRef::from(listener).set_read_timeout(Some(secs(3)))?; // of accept()
    let Ok((mut second, _)) = listener.accept() else {
        return Ok("never again");
    };
    net.observe("asked again", asked(&second)?)?;
    let longer = died.elapsed() + ms(500);
    let client = meanwhile(&second, longer)?;
    net.observe("while it thinks, the client", client)?;
    if client != "waits" {
        return Ok("hung up on");
    }
    let _ = second.write_all(b"5\n");
    let _ = second.shutdown(Shutdown::Write);
    let end = meanwhile(&second, secs(1))?;
    let result = if end == "ends" { "taken" } else { "not taken" };
    net.observe("result", result)?;
    Ok(result)
}
// ANCHOR_END: server

fn asked(client: &TcpStream) -> Result<bool> {
    let mut job = [0; JOB.len()];
    client.set_read_timeout(Some(secs(1)))?;
    let mut client = client;
    Ok(client.read_exact(&mut job).is_ok() && job == JOB)
}

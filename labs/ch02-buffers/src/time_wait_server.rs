//! # A server full of TIME-WAIT
//!
//! **Question.** The server closes first, so its connections end in TIME-WAIT
//! on its port. It has two ephemeral ports. Does it run out of ports?

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, sysctl};

const ACCEPTS: &str = "the server accepts a third client";
const CONNECTS: &str = "and connects to somebody else itself";
const WAITS: &str = "while it has two sockets in TIME-WAIT";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Do a server's TIME-WAITs use up its ports?";
    let saying = "Without SO_LINGER 0, a server's TIME-WAITs use up its ports";
    let ports = "net.ipv4.ip_local_port_range";
    Experiment::new("time-wait-server", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("server", ports, "40000 40001"))
        .option("client", "closes-first", false)
        .option("client", "listens", true)
        .claim(WAITS, |run| {
            run.states_at("two later", &["-", "TIME-WAIT+TIME-WAIT"])
        })
        .claim(ACCEPTS, |run| run.observed("client", "connect").is("ok"))
        .claim(CONNECTS, |run| run.observed("server", "connect").is("ok"))
        .folklore(Truth::False, saying, ACCEPTS)
        .folklore_note(
            "All of them have the server's one port; clients run out.",
        )
        .what_if(
            "client-closes",
            [
                option("client", "closes-first", true),
                sysctl("client", ports, "40000 40001"),
            ],
            fails([WAITS, ACCEPTS]),
        )
        .what_if(
            "nobody-listens",
            option("client", "listens", false),
            fails([CONNECTS]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let connect =
        || net.on("client", || TcpStream::connect(net.at("server", 7000)));
    for _ in 0..2 {
        let client = connect()?;
        let (server, _) = listener.accept()?;
        let first = net.knob("client:closes-first");
        let (closes, first, last) = match first {
            true => ("client", client, server),
            false => ("server", server, client),
        };
        drop(first);
        // Its FIN is acknowledged. An ACK that was overtaken by the other FIN
        // would be answered; the answer finds no socket, and a RST comes back
        // that ends TIME-WAIT.
        net.until_state(closes, "FIN-WAIT-2")?;
        drop(last);
    }
    net.until("they have all ended", || {
        let all = [net.sockets("client")?, net.sockets("server")?].concat();
        let mut open = all.iter().filter(|s| s.state != "LISTEN");
        Ok(open.all(|s| s.state == "TIME-WAIT"))
    })?;
    net.step("two later")?;

    let third = connect();
    net.on("client", || net.observe("connect", word(&third)))?;
    let other = net.on("client", || TcpListener::bind(net.here(8000)))?;
    let other = net.knob("client:listens").then_some(other);
    let own = net.on("server", || TcpStream::connect(net.at("client", 8000)));
    net.on("server", || net.observe("connect", word(&own)))?;
    third.into_iter().chain(own).for_each(|socket| net.keep(socket));
    other.into_iter().for_each(|socket| net.keep(socket));
    net.keep(listener);
    Ok(())
}

fn word(result: &std::io::Result<TcpStream>) -> String {
    match result {
        Ok(_) => "ok".into(),
        Err(error) => outcome::<()>(Err(std::io::Error::from_raw_os_error(
            error.raw_os_error().unwrap_or(0),
        ))),
    }
}
// ANCHOR_END: script

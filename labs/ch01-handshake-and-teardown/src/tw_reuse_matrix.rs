//! # What tcp_tw_reuse needs, all of it
//!
//! **Question.** Three values, a network or loopback, timestamps or none, an
//! old TIME-WAIT or a young one: in which of the 24 cases does `connect()`
//! get the port that is in TIME-WAIT?

use std::net::{TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{Net, outcome, tcp_state};

pub(crate) use self::claims::experiment;

#[path = "tw_reuse_claims.rs"]
mod claims;

/// The client's host and the server's: on a cable, and on one machine.
const NETWORKS: [(&str, &str); 2] = [("client", "server"), ("lo1", "lo2")];

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    for (client, server) in NETWORKS {
        for (stamps, port) in [("on", 7000), ("off", 7001)] {
            let at = net.on(server, || net.here(port));
            let listener = net.on(server, || TcpListener::bind(at))?;
            let stamped = net.number(&format!("client:stamps-{stamps}"))?;
            let case = Case { net, client, server, listener, port };
            net.on(client, || {
                net.turn("net.ipv4.tcp_timestamps", stamped)?;
                case.try_all(stamps)
            })?;
        }
    }
    Ok(())
}

struct Case<'a> {
    net: &'a Net,
    client: &'a str,
    server: &'a str,
    listener: TcpListener,
    port: u16,
}

impl Case<'_> {
    fn try_all(&self, stamps: &str) -> Result<()> {
        let net = self.net;
        let there = net.at(self.server, self.port);
        self.leave_a_time_wait(TcpStream::connect(there)?)?;
        for value in ["0", "1", "2"] {
            let reuse = net.number(&format!("client:{value}"))?;
            net.turn("net.ipv4.tcp_tw_reuse", reuse)?;
            for age in ["young", "old"] {
                let delay = net.number(&format!("client:{age}"))?;
                net.turn("net.ipv4.tcp_tw_reuse_delay", delay)?;
                let mut new = None;
                let again = TcpStream::connect(there);
                let said = outcome(again.map(|socket| new = Some(socket)));
                net.observe(&format!("{value}, stamps {stamps}, {age}"), said)?;
                // It has used the TIME-WAIT up: make another.
                new.map_or(Ok(()), |socket| self.leave_a_time_wait(socket))?;
            }
        }
        Ok(())
    }

    /// Closes at the client first, and waits until the TIME-WAIT is 20 ms old.
    fn leave_a_time_wait(&self, client: TcpStream) -> Result<()> {
        let server = self.listener.accept()?;
        drop(client);
        self.net.until("the FIN has come", || {
            Ok(tcp_state(&server.0)? == "CLOSE-WAIT")
        })?;
        drop(server);
        self.net.until("there is a TIME-WAIT, 20 ms old", || {
            let sockets = self.net.sockets(self.client)?;
            let mut mine =
                sockets.iter().filter(|s| s.remote_port == self.port);
            Ok(mine.all(|s| s.state == "TIME-WAIT" && s.timer_ms <= 59_980))
        })
    }
}
// ANCHOR_END: script

//! # Which sysctl is the default
//!
//! **Question.** Nobody calls `setsockopt()`. Which sysctl says how large the
//! buffers of a TCP socket are, and of a UDP socket?

use std::fs;
use std::net::{TcpListener, UdpSocket};

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome, sysctl};
use socket2::SockRef;

use crate::meminfo::memory;
use crate::pair::{connect, leave_open};

const TCP: &str =
    "a new TCP socket has the second number of tcp_rmem, tcp_wmem";
const UDP: &str = "a new UDP socket has net.core.rmem_default, wmem_default";
const GROWN: &str = "once connected, the send buffer is larger already";
const LOCKED: &str = "a namespace can't set net.core.rmem_max";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which sysctl sets a buffer that nobody has set?";
    Experiment::new("defaults", question)
        .link(cable("client", "server"))
        .script(script)
        .knob(sysctl("server", "net.ipv4.tcp_rmem", "4096 87380 6291456"))
        .option("server", "asks", false)
        .claim(TCP, |run| {
            let size = |key| run.observed("server", key);
            size("TCP SO_RCVBUF")
                .is("87380")
                .and(size("TCP SO_SNDBUF").is("16384"))
        })
        .claim(UDP, |run| {
            let size = |key| run.observed("server", key);
            size("UDP SO_RCVBUF")
                .is("net.core.rmem_default")
                .and(size("UDP SO_SNDBUF").is("net.core.wmem_default"))
        })
        .claim(GROWN, |run| {
            run.observed("server", "connected, SO_SNDBUF").is("larger")
        })
        .since((6, 11), "19249c0724f2", "rmem_default in a namespace")
        .claim(LOCKED, |run| {
            run.observed("server", "write to net.core.rmem_max").is_not("ok")
        })
        .folklore(
            Truth::False,
            "net.core.rmem_default is the default for TCP, too",
            TCP,
        )
        .what_if(
            "another",
            sysctl("server", "net.ipv4.tcp_rmem", "4096 100000 6291456"),
            fails([TCP]),
        )
        .what_if(
            "asked-for",
            option("server", "asks", true),
            fails([TCP, UDP, GROWN]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect(net)?;
    net.on("server", || -> Result<()> {
        let tcp = TcpListener::bind(net.here(7001))?;
        let udp = UdpSocket::bind(net.here(7001))?;
        if net.knob("asks") {
            for socket in [
                SockRef::from(&tcp),
                SockRef::from(&udp),
                SockRef::from(&pair.server),
            ] {
                socket.set_recv_buffer_size(5000)?;
                socket.set_send_buffer_size(5000)?;
            }
        }
        let new = memory(&tcp)?;
        net.observe("TCP SO_RCVBUF", new.receive_buffer)?;
        net.observe("TCP SO_SNDBUF", new.send_buffer)?;
        let connected = memory(&pair.server)?.send_buffer;
        let seen = if connected > 16_384 { "larger" } else { "not larger" };
        net.observe("connected, SO_SNDBUF", seen)?;
        let new = memory(&udp)?;
        net.observe("UDP SO_RCVBUF", say(new.receive_buffer, "rmem_default")?)?;
        net.observe("UDP SO_SNDBUF", say(new.send_buffer, "wmem_default")?)?;
        let limit = "/proc/sys/net/core/rmem_max";
        let wrote = fs::read(limit).and_then(|same| fs::write(limit, same));
        net.observe("write to net.core.rmem_max", outcome(wrote))
    })?;
    leave_open(net, pair);
    Ok(())
}

/// The defaults are the machine's: by name, if it is that.
fn say(size: u32, sysctl: &str) -> Result<String> {
    let text = fs::read_to_string(format!("/proc/sys/net/core/{sysctl}"))?;
    let default: u32 = text.trim().parse()?;
    Ok(match size == default {
        true => format!("net.core.{sysctl}"),
        false => size.to_string(),
    })
}
// ANCHOR_END: script

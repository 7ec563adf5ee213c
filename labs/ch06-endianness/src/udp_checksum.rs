//! # Zero is no checksum, and a wrong one is read by nobody
//!
//! **Question.** A datagram's checksum is zero, or wrong. Who reads it?

use std::io::Write;
use std::net::UdpSocket;
use std::os::fd::AsFd;

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Protocol, Socket, Type};

const ZERO: &str = "a datagram with a checksum of zero is read";
const EMPTY: &str = "poll says readable, and then recv says EAGAIN";
const BLOCKING: &str = "for a blocking socket, poll looks first and says no";
const COUNTED: &str = "both wrong ones are counted";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A datagram's checksum is zero, or wrong. Who reads it?";
    Experiment::new("udp-checksum", question)
        .link(cable("client", "server"))
        .option("client", "zero", 0)
        .option("client", "wrong", 0x0bad)
        .option("client", "bytes", 100)
        .script(script)
        .keeps_bytes()
        .claim(ZERO, |run| run.observed("server", "zero: recv").is("ok"))
        .claim(EMPTY, |run| {
            let key = "wrong: recv, when poll says readable";
            run.observed("server", key).is("EAGAIN")
        })
        .claim(BLOCKING, |run| {
            run.observed("server", "wrong, blocking: poll").is("nothing")
        })
        .claim(COUNTED, |run| run.counter("server", "UdpInCsumErrors").is(2))
        .figure("the first datagram", |run| run.segments().first().after_ip())
        .folklore(Truth::False, "A UDP checksum of 0 is a wrong one", ZERO)
        .folklore(
            Truth::Partly,
            "If poll says readable, a read finds something",
            EMPTY,
        )
        .folklore_note("A blocking socket: yes. A nonblocking one: not always")
        .shows_counter("server", "UdpInCsumErrors")
        .what_if(
            "no-zero",
            option("client", "zero", 0x0bad),
            fails([ZERO, COUNTED]),
        )
        .what_if(
            "all-zero",
            option("client", "wrong", 0),
            fails([EMPTY, BLOCKING, COUNTED]),
        )
        // Up to 76 bytes are summed up as they come; more, as they are read.
        .what_if("short", option("client", "bytes", 68), fails([EMPTY]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    server.set_nonblocking(true)?;
    let receive = || outcome(server.recv(&mut [0; 16]));
    // Sends, and asks poll() until it says yes or the datagram is dropped.
    let readable = |checksum: &str| -> Result<bool> {
        let dropped = || net.counter("server", "UdpInCsumErrors");
        let before = dropped()?;
        send(net, net.number(checksum)?)?;
        let mut yes = false;
        net.until("it is readable or dropped", || {
            let mut fds = [PollFd::new(server.as_fd(), PollFlags::POLLIN)];
            yes = poll(&mut fds, PollTimeout::ZERO)? > 0;
            Ok(yes || dropped()? > before)
        })?;
        Ok(yes)
    };
    readable("client:zero")?;
    let zero = receive();
    let wrong = match readable("client:wrong")? {
        true => receive(),
        false => "it doesn't".into(),
    };
    server.set_nonblocking(false)?;
    let polled = readable("client:wrong")?;
    net.on("server", || -> Result<()> {
        net.observe("zero: recv", zero)?;
        net.observe("wrong: recv, when poll says readable", wrong)?;
        let polled = if polled { "readable" } else { "nothing" };
        net.observe("wrong, blocking: poll", polled)
    })
}

/// A raw socket takes the UDP header from us, checksum and all.
fn send(net: &Net, checksum: u64) -> Result<()> {
    net.on("client", || {
        let udp = Some(Protocol::UDP);
        let mut socket = Socket::new(Domain::IPV4, Type::RAW, udp)?;
        socket.connect(&net.at("server", 0).into())?;
        let data = vec![b'!'; net.number("bytes")? as usize];
        let length = 8 + data.len() as u16;
        let header = [40000, 7000, length, checksum as u16];
        let header = header.map(u16::to_be_bytes).concat();
        Ok(socket.write_all(&[header, data].concat())?)
    })
}
// ANCHOR_END: script

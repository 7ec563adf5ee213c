//! # A port without htons
//!
//! **Question.** A server wants port 8080 and forgets `htons()`. Where does it
//! listen, and who finds it?

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, cable, fails, option, outcome};
use socket2::{Domain, Socket, Type};

use crate::sockaddr::{bind, connect, sockaddr};

const BOUND: &str = "the server listens on port 36895, and getsockname says so";
const DIAG: &str = "sock_diag, which ss asks, says the same";
const REFUSED: &str = "a client that asks for 8080 is refused";
const FOUND: &str = "a client with the same bug gets through";
const WIRE: &str = "its SYN has 90 1f where 8080 is 1f 90";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A server forgets htons(8080). Who finds it?";
    Experiment::new("port-without-htons", question)
        .link(cable("client", "server"))
        .option("server", "htons", false)
        .option("client", "htons", false)
        .script(script)
        .keeps_bytes()
        .claim(BOUND, |run| run.observed("server", "getsockname").is("36895"))
        .claim(DIAG, |run| run.observed("server", "sock_diag").is("36895"))
        .claim(REFUSED, |run| {
            let said = run.observed("client", "connect to 8080");
            said.is("ECONNREFUSED")
        })
        .claim(FOUND, |run| run.observed("client", "connect").is("ok"))
        .claim(WIRE, |run| {
            let syns = run.segments().that("SYN", |s| s.flags.0 == "S");
            syns.last().header_has(2..4, &[0x90, 0x1f])
        })
        .figure("the SYN that gets through", |run| {
            let syns = run.segments().that("SYN", |s| s.flags.0 == "S");
            syns.last().after_ip()
        })
        .folklore(
            Truth::True,
            "Without htons, 8080 is 36895 on the wire, and in ss",
            DIAG,
        )
        .folklore(
            Truth::False,
            "If client and server find each other, the port is right",
            FOUND,
        )
        .folklore_note("Two programs that make the same mistake agree")
        .what_if(
            "server-with-htons",
            option("server", "htons", true),
            fails([BOUND, DIAG, REFUSED, FOUND]),
        )
        .what_if(
            "client-with-htons",
            option("client", "htons", true),
            fails([FOUND, WIRE]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
// ANCHOR: port
/// 8080 for `sin_port`. Without htons() a number stays as the machine has it:
/// little end first. (`to_le` is no instruction there. On a big-endian machine
/// nothing can be forgotten, so there it makes the mistake by hand.)
fn port(htons: bool) -> u16 {
    if htons { 8080u16.to_be() } else { 8080u16.to_le() }
}
// ANCHOR_END: port

fn script(net: &Net) -> Result<()> {
    let any = 0;
    let listener = net.on("server", || -> Result<_> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        bind(&socket, &sockaddr(port(net.knob("htons")), any))?;
        socket.listen(8)?;
        let bound = socket.local_addr()?.as_socket().expect("an IP address");
        net.observe("getsockname", bound.port())?;
        Ok(socket)
    })?;
    let listed = &net.sockets("server")?[0];
    net.on("server", || net.observe("sock_diag", listed.local_port))?;
    net.on("client", || -> Result<()> {
        let server = net.at("server", 8080);
        let right = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let said = outcome(right.connect(&server.into()));
        net.observe("connect to 8080", said)?;

        let std::net::IpAddr::V4(ip) = server.ip() else { unreachable!() };
        let address = u32::from_ne_bytes(ip.octets());
        let wrong = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        let to = sockaddr(port(net.knob("htons")), address);
        net.observe("connect", outcome(connect(&wrong, &to)))?;
        net.keep(wrong);
        net.keep(right);
        Ok(())
    })?;
    net.keep(listener);
    Ok(())
}
// ANCHOR_END: script

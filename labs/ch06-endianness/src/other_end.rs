//! # Exercise: from the other end
//!
//! A server that forgets `htons()`, and a number written little end first. The
//! reader says beforehand what will be seen; the run is the key.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Result, bail};
use lab_kit::claim::hex;
use lab_kit::{
    Evidence, Exercise, Experiment, Net, cable, number, outcome, word,
};
use socket2::{Domain, Socket, Type};

use crate::hints::other_end as hints;
use crate::sockaddr::{bind, sockaddr};

const PORT: u16 = 7000;
const LISTENS: &str = "where it listens";
const REFUSED: &str = "what a client of port 7000 is told";
const BYTES: &str = "which bytes say 1000";
const READ: &str = "which number the server reads";

pub(crate) fn exercise() -> Exercise {
    Exercise::predict("From the other end", experiment())
        .asks("port", "On which port does the server listen?", number())
        .asks(
            "connect",
            "What does connect() to port 7000 say (ok, ETIMEDOUT, ...)?",
            word(),
        )
        .asks(
            "bytes",
            "Which four bytes leave for 1000, in hex (0a 0b 0c 0d)?",
            word(),
        )
        .asks("reads", "Which number does the server read?", number())
        .rule(3, LISTENS, hints::LISTENS, |run| {
            run.said("port").is_number(seen(run, "listens"))
        })
        .rule(2, REFUSED, hints::REFUSED, |run| {
            let said = run.observed("client", "connect to 7000");
            run.said("connect").is(said.text())
        })
        .rule(2, BYTES, hints::BYTES, |run| {
            let sent = run.segments().with_data().first();
            let sent = hex(sent.segment().map_or(&[], |s| s.data()));
            run.said("bytes").among([sent.replace(' ', ""), sent])
        })
        .rule(3, READ, hints::READ, |run| {
            run.said("reads").is_number(seen(run, "reads"))
        })
        .starter_breaks(LISTENS)
        .wrong("as-meant", LISTENS)
        .wrong("hexadecimal", LISTENS)
        .wrong("silence", REFUSED)
        .wrong("network-order", BYTES)
}

fn seen(run: &Evidence, key: &str) -> i64 {
    run.observed("server", key).number().value().unwrap_or(-1)
}

fn experiment() -> Experiment {
    Experiment::new("other-end", "Which numbers come from the other end?")
        .link(cable("client", "server"))
        .script(script)
        .keeps_bytes()
        .ends_with_script()
}

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let any = 0;
    let listener = net.on("server", || -> Result<_> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        // No htons(): as a little-endian machine has it in memory.
        bind(&socket, &sockaddr(PORT.to_le(), any))?;
        socket.listen(8)?;
        Ok(socket)
    })?;
    let Some(bound) = listener.local_addr()?.as_socket() else {
        bail!("it is bound to no port")
    };
    net.on("server", || net.observe("listens", bound.port()))?;
    let mut client = net.on("client", || -> Result<_> {
        let said = outcome(TcpStream::connect(net.at("server", PORT)));
        net.observe("connect to 7000", said)?;
        Ok(TcpStream::connect(net.at("server", bound.port()))?)
    })?;
    let (mut server, _) = listener.accept()?;
    client.write_all(&1000u32.to_le_bytes())?;
    let mut number = [0; 4];
    server.read_exact(&mut number)?;
    let number = u32::from_be_bytes(number);
    net.on("server", || net.observe("reads", number))?;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

//! # Two queues at each end
//!
//! **Question.** `ss` shows a Recv-Q and a Send-Q for every socket. What do
//! they count while 1000 bytes go from one program to another?

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Net, Truth, cable, fails, option, receive_queue,
    send_queue,
};

use crate::dials::dials;
use crate::pair::{Pair, leave_open};

const LISTENER: &str = "a listener's queues count connections, not bytes";
const WRITTEN: &str = "what is acknowledged and not read is in Recv-Q only";
const PART: &str = "read() takes its 400 bytes out of Recv-Q";
const FIN: &str = "a FIN counts one in Recv-Q, where there is no byte to read";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "What do Recv-Q and Send-Q count?";
    Experiment::new("queues", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "accepts", false)
        .option("server", "reads", 400)
        .option("client", "writes", 1000)
        .option("client", "ends", true)
        .claim(LISTENER, |run| {
            let queues = run.observed("server", "listener's Recv-Q, Send-Q");
            queues.is("1, 128")
        })
        .claim(WRITTEN, |run| {
            let queues = [("client", "Send-Q", 0), ("server", "Recv-Q", 1000)];
            dials(run, "1000 bytes written", &queues)
        })
        .claim(PART, |run| dials(run, "400 read", &[("server", "Recv-Q", 600)]))
        .claim(FIN, |run| {
            let left = run.observed("server", "bytes left to read");
            dials(run, "all read, and a FIN", &[("server", "Recv-Q", 1)])
                .and(left.is("0"))
        })
        .figure("The panel", Evidence::panel)
        .folklore(
            Truth::Partly,
            "Send-Q is the send buffer, Recv-Q the receive buffer",
            WRITTEN,
        )
        .folklore_note("They count the bytes in it; its size is elsewhere.")
        .what_if(
            "accepted",
            option("server", "accepts", true),
            fails([LISTENER]),
        )
        .what_if("reads-all", option("server", "reads", 1000), fails([PART]))
        .what_if(
            "writes-less",
            option("client", "writes", 999),
            fails([WRITTEN, PART]),
        )
        .what_if("no-fin", option("client", "ends", false), fails([FIN]))
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let mut client =
        net.on("client", || TcpStream::connect(net.at("server", 7000)))?;
    let early = match net.knob("server:accepts") {
        true => Some(listener.accept()?.0),
        false => None,
    };
    let all = net.sockets("server")?;
    let queues = all.iter().find(|socket| socket.state == "LISTEN");
    let queues = queues.map(|s| format!("{}, {}", s.recv_q, s.send_q));
    net.on("server", || {
        net.observe("listener's Recv-Q, Send-Q", queues.unwrap_or_default())
    })?;
    let mut server = match early {
        Some(server) => server,
        None => listener.accept()?.0,
    };

    let bytes = usize::try_from(net.number("client:writes")?)?;
    client.write_all(&vec![b'x'; bytes])?;
    net.until("it is acknowledged", || Ok(send_queue(&client)? == 0))?;
    net.step("1000 bytes written")?;
    let part = usize::try_from(net.number("server:reads")?)?;
    server.read_exact(&mut vec![0; part])?;
    net.step("400 read")?;
    server.read_exact(&mut vec![0; bytes - part])?;
    if net.knob("client:ends") {
        client.shutdown(Shutdown::Write)?;
        net.until_state("client", "FIN-WAIT-2")?;
    }
    net.step("all read, and a FIN")?;
    let left = receive_queue(&server)?; // as a program asks: SIOCINQ
    net.on("server", || net.observe("bytes left to read", left))?;
    leave_open(net, Pair { client, server, listener });
    Ok(())
}
// ANCHOR_END: script

//! # Close with a request unread
//!
//! **Question.** A server has answered one request and stops. A second request
//! lies unread in its socket. What does the client read?

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use anyhow::Result;
use lab_kit::{Experiment, Net, Truth, fails, loopback, option, outcome};

use crate::pair::connect;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The server closes; one request is unread. What is lost?";
    let [answer, reset, flags] = [
        "the client still reads the first answer",
        "then, in place of the end, ECONNRESET",
        "close() sends RST, not FIN",
    ];
    Experiment::new("close-unread", question)
        .link(loopback("client", "server"))
        .option("server", "answers", true)
        .option("server", "waits", false)
        .script(script)
        .claim(answer, |run| run.observed("client", "reads").is("one!"))
        .claim(reset, |run| run.observed("client", "reads on").is("ECONNRESET"))
        .claim(flags, |run| {
            run.segments().from("server").last().has_flags("R.")
        })
        .what_if(
            "waits",
            option("server", "waits", true),
            fails([reset, flags]),
        )
        .what_if(
            "no-answer",
            option("server", "answers", false),
            fails([answer, reset]),
        )
        .folklore(
            Truth::Partly,
            "close() delivers what was written, and then a FIN",
            reset,
        )
        .folklore_note("with a request unread it sends RST in place of FIN")
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = connect(net)?;
    client.write_all(b"one?")?;
    server.read_exact(&mut [0; 4])?;
    client.write_all(b"two?")?;
    if net.knob("server:answers") {
        server.write_all(b"one!")?;
    }
    if net.knob("server:waits") {
        server.shutdown(Shutdown::Write)?; // "I'm done", and a FIN
        net.until_state("server", "FIN-WAIT-2")?; // and its ACK
        net.keep(server); // to read on until the client closes
    } else {
        drop(server);
    }
    net.on("client", || {
        net.observe("reads", next(&mut client))?;
        net.observe("reads on", next(&mut client))
    })?;
    net.keep(client);
    Ok(())
}

fn next(server: &mut TcpStream) -> String {
    let mut answer = [0; 4];
    match server.read(&mut answer) {
        Ok(0) => "end".into(),
        Ok(len) => String::from_utf8_lossy(&answer[..len]).into(),
        failed => outcome(failed),
    }
}
// ANCHOR_END: script

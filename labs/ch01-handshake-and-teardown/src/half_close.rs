//! # Half a close
//!
//! **Question.** The client has no more to say and says so. Can it still
//! listen?

use std::io::{Read, Write};
use std::net::Shutdown;

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome};

use crate::pair::connect;

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "After the client's FIN, does the answer still arrive?";
    Experiment::new("half-close", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "closes", false)
        .option("client", "shuts-down", true)
        .claim("half of the connection is closed", |run| {
            let label = "the server has read everything";
            run.states_at(label, &["FIN-WAIT-2", "CLOSE-WAIT"])
        })
        .claim("the answer leaves after the FIN", |run| {
            let fins = run.segments().from("client").with_flag('F');
            run.data("answer").leaves_after(fins.first())
        })
        .claim("the client reads it, then the end", |run| {
            run.observed("client", "read").is("answer")
        })
        .claim("nobody is reset", |run| run.segments().with_flag('R').none())
        .what_if(
            "close",
            option("client", "closes", true),
            fails(["the client reads it, then the end", "nobody is reset"]),
        )
        .what_if(
            "never-shuts-down",
            option("client", "shuts-down", false),
            fails([
                "half of the connection is closed",
                "the answer leaves after the FIN",
            ]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect(net)?;
    let (mut client, mut server) = (Some(pair.client), pair.server);
    let shuts_down = net.knob("client:shuts-down");
    if let Some(client) = &mut client {
        client.write_all(b"request")?;
        if shuts_down {
            client.shutdown(Shutdown::Write)?; // FIN
        }
    }
    if net.knob("client:closes") {
        client = None; // the same FIN, but nobody is left to read
    }
    let mut request = vec![0; 7];
    server.read_exact(&mut request)?;
    if shuts_down {
        server.read_to_end(&mut request)?; // nothing more, and the end
        net.until_state("client", "FIN-WAIT-2")?;
    }
    let request = String::from_utf8_lossy(&request);
    net.on("server", || net.observe("read", request))?;
    net.step("the server has read everything")?;

    server.write_all(b"answer")?;
    drop(server);
    if let Some(mut client) = client {
        let mut answer = String::new();
        let read = outcome(client.read_to_string(&mut answer));
        let seen = if read == "ok" { answer } else { read };
        net.on("client", || net.observe("read", seen))?;
    }
    Ok(())
}
// ANCHOR_END: script

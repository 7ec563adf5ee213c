//! # The answer that was lost twice
//!
//! **Question.** The server has seen enough: it answers "too large" and closes
//! without reading the rest of the request. The segment with the answer is
//! lost on the way. Does the client ever read it?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Experiment, Net, every, fails, hold, option, outcome, receive_queue, wire,
};

use crate::pair::connect;

const NEVER: &str = "the answer is never sent again";
const RESET: &str = "all that the client reads is ECONNRESET";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The answer is lost, the server has closed. Is it repeated?";
    Experiment::new("lost-answer", question)
        .link(wire("client", "server").rule(hold(every()).since("request")))
        .script(script)
        .option("server", "reads", false)
        .claim(NEVER, |run| {
            run.segments().from("server").saying("too large").count_is(1)
        })
        .claim(RESET, |run| run.observed("client", "read").is("ECONNRESET"))
        .what_if(
            "reads-first",
            option("server", "reads", true),
            fails([NEVER, RESET]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let pair = connect(net)?;
    let (mut client, mut server) = (pair.client, pair.server);
    client.write_all(b"a large request")?;
    net.until("it is here", || Ok(receive_queue(&server)? == 15))?;
    if net.knob("server:reads") {
        server.read_exact(&mut [0; 15])?;
    }
    net.until("it is acknowledged", || Ok(lab_kit::send_queue(&client)? == 0))?;
    net.mark("request")?; // from here on the wire holds what it gets
    net.sockets("server")?; // an answer: so the mark has been heard
    server.write_all(b"too large")?;
    net.lose("server")?;
    drop(server); // close()
    net.deliver("server")?;
    net.release()?;
    let mut answer = String::new();
    let read = match client.read_to_string(&mut answer) {
        Ok(_) => answer,
        Err(error) => outcome::<()>(Err(error)),
    };
    net.on("client", || net.observe("read", read))
}
// ANCHOR_END: script

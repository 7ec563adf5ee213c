//! # The server was restarted
//!
//! **Question.** The server's machine lost power and is back, its service
//! listens again. A client has kept its old connection. When does it notice?

use std::io::{Read, Write};

use anyhow::Result;
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, ms, option, outcome,
    send_queue, tcp_state, vanish,
};

use crate::pair::{after_greeting, greet};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The server forgot the connection. When is it noticed?";
    Experiment::new("half-open", question)
        .link(cable("client", "server"))
        .script(script)
        .option("server", "forgets", true)
        .option("server", "answers-before", false)
        .claim("the client's socket stays established", |run| {
            run.states_at("after the restart", &["ESTAB", "-"])
        })
        .claim("a read waits, and sends nothing", |run| {
            run.observed("client", "read").is("EAGAIN")
        })
        .claim("the first data is answered by RST", |run| {
            after_greeting(run).are(&["client P.(5)", "server R"])
        })
        .claim("writes say ok, ECONNRESET, EPIPE", |run| {
            writes(run, ["ok", "ECONNRESET", "EPIPE"])
        })
        .what_if(
            "server-remembers",
            option("server", "forgets", false),
            fails([
                "the client's socket stays established",
                "the first data is answered by RST",
                "writes say ok, ECONNRESET, EPIPE",
            ]),
        )
        .what_if(
            "answers-before",
            option("server", "answers-before", true),
            fails([
                "a read waits, and sends nothing",
                "the first data is answered by RST",
            ]),
        )
        .ends_with_script()
}

fn writes(run: &Evidence, wanted: [&str; 3]) -> Finding {
    let write = |n| run.observed_nth("client", "write", n).is(wanted[n - 1]);
    write(1).and(write(2)).and(write(3))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    let forgets = net.knob("server:forgets");
    if net.knob("server:answers-before") {
        pair.server.write_all(b"!")?;
        net.until("it is here", || Ok(send_queue(&pair.server)? == 0))?;
    }
    if forgets {
        vanish(pair.server)?; // no FIN, no RST: the power is gone
    } else {
        net.keep(pair.server);
    }
    net.step("after the restart")?;
    net.on("client", || -> Result<()> {
        pair.client.set_read_timeout(Some(ms(100)))?;
        net.observe("read", outcome(pair.client.read(&mut [0; 1])))?;
        for word in ["ping1", "ping2", "ping3"] {
            net.observe("write", outcome(pair.client.write(word.as_bytes())))?;
            net.until("the server has answered", || {
                let gone = tcp_state(&pair.client)? == "CLOSED";
                Ok(gone || send_queue(&pair.client)? == 0)
            })?;
        }
        Ok(())
    })?;
    net.keep(pair.client);
    net.keep(pair.listener); // the service is up again
    Ok(())
}
// ANCHOR_END: script

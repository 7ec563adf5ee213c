//! # kill -9
//!
//! **Question.** A process that holds a connection is killed. It could run no
//! more code. What does the other end see?

use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

use anyhow::Result;
use lab_kit::{Experiment, Net, cable, fails, option, outcome, receive_queue};

use crate::pair::{after_greeting, greet};

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "The server's process is killed. What does its peer see?";
    let [fin, end] = [
        "the kernel sends a FIN in the dead process's name",
        "the client reads the end of the stream",
    ];
    Experiment::new("killed", question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "writes", false)
        .claim(fin, |run| {
            after_greeting(run).from("server").first().has_flags("F.")
        })
        .claim(end, |run| run.observed("client", "read").is("0 bytes"))
        .what_if(
            "unread-data",
            option("client", "writes", true),
            fails([fin, end]),
        )
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let mut pair = greet(net)?;
    if net.knob("client:writes") {
        pair.client.write_all(b"unread")?;
        net.until("it has arrived and is acknowledged", || {
            let waiting = lab_kit::send_queue(&pair.client)?;
            Ok(receive_queue(&pair.server)? == 6 && waiting == 0)
        })?;
    }
    // A process that does nothing, with the connection as its only one.
    let mut process = Command::new("sleep")
        .arg("60")
        .stdin(Stdio::from(OwnedFd::from(pair.server)))
        .spawn()?;
    process.kill()?; // SIGKILL
    process.wait()?;
    let read = pair.client.read(&mut [0; 1]);
    let read = match read {
        Ok(n) => format!("{n} bytes"),
        Err(error) => outcome::<()>(Err(error)),
    };
    net.on("client", || net.observe("read", read))
}
// ANCHOR_END: script

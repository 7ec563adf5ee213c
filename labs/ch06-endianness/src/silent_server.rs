//! # Exercise: a server that says nothing
//!
//! Two messages; the first is answered, the second isn't. The reader is given
//! the capture and the queues.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::Result;
use lab_kit::{
    Evidence, Exercise, Experiment, Net, Selection, cable, number, one_of,
    receive_queue, send_queue,
};

use crate::hints::silent_server as hints;
use crate::pair::pair;

const CAUSE: &str = "why the second message has no answer";
const SEGMENT: &str = "the segment with the number that is read wrongly";
const BYTES: &str = "how many bytes the server waits for";

pub(crate) fn exercise() -> Exercise {
    let causes = one_of([
        "length-read-backwards",
        "delayed-ack",
        "zero-window",
        "lost-segment",
        "slow-server",
    ]);
    Exercise::diagnose("A server that says nothing", experiment())
        .asks("cause", "Why does the second message have no answer?", causes)
        .asks(
            "segment",
            "Which segment holds the number that is read wrongly?",
            number(),
        )
        .asks(
            "waits-for",
            "How long a message does the server wait for, in bytes?",
            number(),
        )
        .rule(4, CAUSE, hints::CAUSE, |run| {
            run.said("cause").is("length-read-backwards")
        })
        .rule(2, SEGMENT, hints::SEGMENT, |run| {
            run.said("segment").names(&second(run))
        })
        .rule(4, BYTES, hints::BYTES, |run| {
            run.said("waits-for").is_number(read_backwards(run))
        })
        .starter_breaks(CAUSE)
        .wrong("slow", CAUSE)
        .wrong("the-first", SEGMENT)
        .wrong("as-meant", BYTES)
        .wrong("by-pairs", BYTES)
}

/// The second message: its first four bytes are its length.
fn second(run: &Evidence) -> Selection<'_> {
    let first = run.segments().from("client").with_data().first();
    run.segments().from("client").with_data().after(first)
}

fn read_backwards(run: &Evidence) -> u32 {
    let message = second(run).iter().next().map_or(&[][..], |s| s.data());
    let length = message.first_chunk().copied().unwrap_or_default();
    u32::from_be_bytes(length).swap_bytes()
}

fn experiment() -> Experiment {
    Experiment::new("silent-server", "Why does the server say nothing?")
        .link(cable("client", "server"))
        .script(script)
        .keeps_bytes()
        .ends_with_script()
}

fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    // A health check: no bytes, and the same from either end.
    let empty = 0u32.to_be_bytes();
    client.write_all(&empty)?;
    server.read_exact(&mut [0; 4])?;
    server.write_all(&empty)?;
    client.read_exact(&mut [0; 4])?;

    let message = [b'.'; 258];
    let length = (message.len() as u32).to_be_bytes();
    client.write_all(&[&length[..], &message].concat())?;
    net.until("it is here", || Ok(receive_queue(&server)? == 262))?;
    let wanted = length_of(&mut server)?;
    let mut read = Vec::new();
    // It would read on, for what never comes; what has come is enough for us.
    let here = u64::from(receive_queue(&server)?).min(u64::from(wanted));
    (&server).take(here).read_to_end(&mut read)?;
    net.on("server", || net.observe("bytes of it read", read.len()))?;
    net.until("all is acknowledged", || Ok(send_queue(&client)? == 0))?;
    net.step("nothing happens any more")?;
    net.keep(client);
    net.keep(server);
    Ok(())
}

/// The mistake.
fn length_of(message: &mut TcpStream) -> Result<u32> {
    let mut length = [0; 4];
    message.read_exact(&mut length)?;
    Ok(u32::from_be_bytes(length).swap_bytes())
}

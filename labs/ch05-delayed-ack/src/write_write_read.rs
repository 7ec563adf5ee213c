//! # Write, write, read
//!
//! **Question.** Each round the client sends N messages of 132 bytes, then
//! reads N echoes. Both machines are idle. From N = 3 on, from the second
//! round on, the third read takes 40 ms. Which of the two is waiting, and for
//! what?
//!
//! A script: one thread plays both hosts, so that the client has always sent
//! its N messages before the server answers the first.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

use crate::echo::{
    DELAYED, SIZE, ack_of_echo, close, echo, message, stalls_are,
};
use anyhow::Result;
use lab_kit::claim::{DELAYED_ACK, all};
use lab_kit::{
    Evidence, Experiment, Finding, Net, cable, fails, option, route,
    send_queue, sysctl,
};

const LATE: &str = "the ACK of the second echo is late";
const AGAIN: &str = "in round 3 too";
const TWO: &str = "the client's kernel counts two delayed ACKs";
const TOGETHER: &str = "all echoes from the third on leave together";
const WAITS: &str = "the third echo waits for that ACK";

// ANCHOR: experiment
pub(crate) fn family() -> [Experiment; 5] {
    [calm(1), calm(2), stalling(3), stalling(4), stalling(6)]
}

fn base(n: u8) -> Experiment {
    let question = "N small writes, then N reads. Who waits for whom?";
    Experiment::new(&format!("write-write-read-{n}"), question)
        .link(cable("client", "server"))
        .script(script)
        .option("client", "messages", n)
        // On a link without delay a tail loss probe would come before the
        // delayed ACK, and retransmit what was never lost.
        .knob(sysctl("client", "net.ipv4.tcp_early_retrans", 0))
        .knob(sysctl("server", "net.ipv4.tcp_early_retrans", 0))
}

fn calm(n: u8) -> Experiment {
    let three = option("client", "messages", 3);
    base(n).claim("no read stalls", |run| stalls_are(run, 0)).what_if(
        "three-messages",
        three,
        fails(["no read stalls"]),
    )
}

fn stalling(n: u8) -> Experiment {
    let every = fails([LATE, AGAIN, WAITS, TWO, TOGETHER]);
    let mut prompt = fails([LATE, AGAIN, TWO]);
    if n > 3 {
        prompt.push(TOGETHER.into()); // a third one alone is together
    }
    let rest = u32::from(n - 2) * SIZE as u32;
    base(n)
        .claim(LATE, |run| late_ack(run, 2))
        .claim(AGAIN, |run| late_ack(run, 3))
        .claim(WAITS, |run| all([2, 3].map(|round| waits(run, round))))
        .claim(TWO, |run| run.counter("client", DELAYED).is(2))
        .claim(TOGETHER, move |run| echo(run, 2, 3).carries(rest))
        .what_if("two-messages", option("client", "messages", 2), every)
        .what_if("quickack-route", route("client", "quickack", 1), prompt)
}

fn late_ack(run: &Evidence, round: u8) -> Finding {
    let sent = echo(run, round, 2);
    ack_of_echo(run, round, 2).after(sent).at_least(DELAYED_ACK)
}

fn waits(run: &Evidence, round: u8) -> Finding {
    echo(run, round, 3).leaves_after(ack_of_echo(run, round, 2))
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    let there = net.on("client", || net.at("server", 7000));
    let mut client = net.on("client", || TcpStream::connect(there))?;
    let (mut server, _) = listener.accept()?;
    let messages = u8::try_from(net.number("client:messages")?)?;
    for round in 1..=3 {
        for n in 1..=messages {
            client.write_all(&message(round, n))?;
            if round == 1 {
                // A fresh connection is acknowledged at once: see quick-acks.
                let acked = || Ok(send_queue(&client)? == 0);
                net.until("it is acknowledged", acked)?;
            }
        }
        let mut request = [0; SIZE];
        for _ in 1..=messages {
            server.read_exact(&mut request)?;
            server.write_all(&request)?;
        }
        for _ in 1..=messages {
            client.read_exact(&mut request)?;
        }
    }
    close(net, client, server)
}
// ANCHOR_END: script

//! # Two words trade places
//!
//! **Question.** A router's broken memory swaps two 16-bit words of a segment
//! on its way. Does TCP's checksum notice?

use std::io::Read;

use anyhow::{Result, bail};
use lab_kit::{
    Experiment, Figure, Net, Truth, cable, fails, ms, option, outcome,
};

use crate::peer::handshake;

const READ: &str = "ABCD was sent, CDAB is read";
const SUM: &str = "the checksum is ABCD's, and nobody objects";
const ACKED: &str = "the damaged segment is acknowledged";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Two words of a segment trade places. Who notices?";
    Experiment::new("swapped-words", question)
        .link(cable("client", "server"))
        .raw("client")
        .option("client", "arrives_as", "CDAB")
        .script(script)
        .keeps_bytes()
        .claim(READ, |run| run.observed("server", "read").is("CDAB"))
        .claim(SUM, |run| run.counter("server", "TcpInCsumErrors").is(0))
        .claim(ACKED, |run| {
            run.segments().with_data().first().acknowledged().is_there()
        })
        .shows_counter("server", "TcpInCsumErrors")
        .figure("what arrives", |run| {
            run.segments().with_data().first().after_ip()
        })
        .figure("what is added up", |_| {
            let head = Figure::table(["payload", "words", "sum"]);
            ["ABCD", "CDAB", "BADC", "DCBA"].iter().fold(head, |all, text| {
                let bytes: Vec<u8> = text.bytes().collect();
                let word = |at| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
                let (a, b) = (word(0), word(2));
                let words = format!("{a:04x} + {b:04x}");
                all.row([text.to_string(), words, format!("{:04x}", a + b)])
            })
        })
        .folklore(Truth::Partly, "TCP's checksum detects corruption", READ)
        .folklore_note("It doesn't see 16-bit words that trade places")
        // Bytes within a word, or all four back to front: another sum.
        .what_if(
            "bytes-swapped",
            option("client", "arrives_as", "BADC"),
            fails([READ, SUM, ACKED]),
        )
        .what_if(
            "back-to-front",
            option("client", "arrives_as", "DCBA"),
            fails([READ, SUM, ACKED]),
        )
        .what_if(
            "undamaged",
            option("client", "arrives_as", "ABCD"),
            fails([READ]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (peer, mut server) = handshake(net, 1000)?;
    let Some(arrives) = net.value("client:arrives_as") else {
        bail!("no option")
    };
    let mut frame = peer.raw.frame(&peer.segment("P.", b"ABCD"))?;
    let payload = frame.len() - 4;
    frame[payload..].copy_from_slice(arrives.as_bytes()); // the checksum stays
    peer.raw.inject(&frame)?;
    net.until("the server's kernel has it", || {
        let dropped = net.counter("server", "TcpInCsumErrors")?;
        Ok(dropped + i64::from(lab_kit::receive_queue(&server)?) > 0)
    })?;
    server.set_read_timeout(Some(ms(1)))?; // it is there, or never will be
    let mut read = [0; 4];
    let said = match server.read(&mut read) {
        Ok(_) => String::from_utf8_lossy(&read).into_owned(),
        Err(e) => outcome::<()>(Err(e)),
    };
    net.on("server", || net.observe("read", said))?;
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

//! # A length of 1195725856
//!
//! **Question.** A service expects a length and then a message. Which length
//! does it read when a health check speaks HTTP to it, or TLS?

use std::io::{Read, Write};

use anyhow::{Context, Result};
use lab_kit::{Experiment, Figure, Net, Truth, cable, fails, option};

use crate::pair::pair;

const HTTP: &str = "GET and a blank are a length of 1195725856";
const LITTLE: &str = "read little end first, they are 542393671";
const TLS: &str = "a TLS handshake is a length of 369295616";
const TEXT: &str = "the capture shows the text";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "Which length does an HTTP client send?";
    Experiment::new("http-length", question)
        .link(cable("client", "server"))
        .option("client", "http", "GET / HTTP/1.1")
        .option("client", "record_of_tls", 0x0301)
        .script(script)
        .keeps_bytes()
        .claim(HTTP, |run| run.observed("server", "length").is("1195725856"))
        .claim(LITTLE, |run| {
            run.observed("server", "little-endian").is("542393671")
        })
        .claim(TLS, |run| {
            run.observed_nth("server", "length", 2).is("369295616")
        })
        .claim(TEXT, |run| run.data("GET / HTTP").is_there())
        .figure("what the server takes for a length", |run| {
            let first = run.segments().with_data().first();
            let data = first.segment().map_or(&[][..], |s| s.data());
            let length = run.observed("server", "length");
            Figure::bytes(data)
                .field(0..4, "length, to the server", length.text())
                .field(4..99, "message, as far as it is there", "")
        })
        .folklore(
            Truth::False,
            "A size of 1195725856: raise the limit on messages",
            HTTP,
        )
        .folklore_note("It is \"GET \": somebody speaks HTTP to this port")
        .what_if(
            "POST",
            option("client", "http", "POST / HTTP/1.1"),
            fails([HTTP, LITTLE, TEXT]),
        )
        .what_if(
            "ssl-3", // the version in the record is 3.0
            option("client", "record_of_tls", 0x0300),
            fails([TLS]),
        )
        .ends_with_script()
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let (mut client, mut server) = pair(net)?;
    let request = net.value("client:http").context("option")?;
    client.write_all(request.as_bytes())?;
    let mut bytes = vec![0; request.len()];
    server.read_exact(&mut bytes)?;
    let prefix = [bytes[0], bytes[1], bytes[2], bytes[3]];
    net.on("server", || -> Result<()> {
        net.observe("length", u32::from_be_bytes(prefix))?;
        net.observe("little-endian", u32::from_le_bytes(prefix))
    })?;

    // A TLS record: type 22 is a handshake, then a version, then a length,
    // here one below 256 (RFC 8446, section 5.1).
    let version = (net.number("client:record_of_tls")? as u16).to_be_bytes();
    client.write_all(&[22, version[0], version[1], 0])?;
    let mut prefix = [0; 4];
    server.read_exact(&mut prefix)?;
    net.on("server", || net.observe("length", u32::from_be_bytes(prefix)))?;
    net.keep(client);
    net.keep(server);
    Ok(())
}
// ANCHOR_END: script

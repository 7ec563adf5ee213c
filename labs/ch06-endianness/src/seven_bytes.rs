//! # Exercise: seven bytes
//!
//! The answer plays the client, once for each reading, and is told numbers.
//! What it makes of them is on the wire.

use std::io::Read;
use std::net::TcpListener;

use anyhow::Result;
use lab_kit::claim::{all, hex};
use lab_kit::{Evidence, Exercise, Experiment, Finding, Net, cable, ms, secs};
use socket2::SockRef;

use crate::hints::seven_bytes as hints;

/// Kind, station and temperature: what the answer is told.
const READINGS: [(u8, u32, i16); 2] = [(2, 70_000, 261), (9, 16, -5)];
const SEVEN: &str = "a reading is seven bytes";
const KIND: &str = "byte 0 is the kind";
const STATION: &str = "bytes 1 to 4 are the station, in network order";
const DEGREES: &str = "bytes 5 and 6 are the temperature, in network order";

pub(crate) fn exercise() -> Exercise {
    let experiment = Experiment::new("seven-bytes", "What is on the wire?")
        .link(cable("client", "server"))
        .script(script)
        .answered_by("client")
        .keeps_bytes()
        .within(secs(10));
    Exercise::new("A reading of seven bytes", experiment)
        .rule(2, SEVEN, hints::SEVEN, |run| {
            both(run, |reading, _| {
                let n = reading.len();
                (n == 7, "seven bytes".into(), format!("{n}"))
            })
        })
        .rule(2, KIND, hints::KIND, |run| {
            both(run, |came, (kind, ..)| field(came, 0, &[kind]))
        })
        .rule(3, STATION, hints::STATION, |run| {
            both(run, |came, (_, station, _)| {
                field(came, 1, &station.to_be_bytes())
            })
        })
        .rule(3, DEGREES, hints::DEGREES, |run| {
            both(run, |came, (.., degrees)| {
                field(came, 5, &degrees.to_be_bytes())
            })
        })
        .starter_breaks(STATION)
        .wrong("struct", SEVEN)
        .wrong("text", SEVEN)
        .wrong("twice", STATION)
        .wrong("no-sign", DEGREES)
}

/// Holds for both readings, or says it of the first for which it doesn't.
fn both(
    run: &Evidence,
    judge: impl Fn(&[u8], (u8, u32, i16)) -> (bool, String, String),
) -> Finding {
    all((1..).zip(READINGS).map(|(n, reading)| {
        let came = run.observed_nth("server", "reading", n);
        let (holds, wanted, saw) = judge(&bytes(came.text()), reading);
        let sent = run.segments().of_connection(n as u32).from("client");
        let (wanted, saw) = (format!("{n}: {wanted}"), format!("{n}: {saw}"));
        let mut finding = Finding::new(holds, wanted, saw);
        finding.segments = sent.with_data().indices().collect();
        finding
    }))
}

fn field(came: &[u8], at: usize, wanted: &[u8]) -> (bool, String, String) {
    let there = came.get(at..at + wanted.len()).unwrap_or(&[]);
    (there == wanted, hex(wanted), hex(there))
}

/// `1f 90` -> bytes.
fn bytes(text: &str) -> Vec<u8> {
    let digits = text.split_whitespace();
    digits.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).collect()
}

fn script(net: &Net) -> Result<()> {
    let listener = net.on("server", || TcpListener::bind(net.here(7000)))?;
    // accept() waits no longer than a read.
    SockRef::from(&listener).set_read_timeout(Some(secs(3)))?;
    for (kind, station, degrees) in READINGS {
        let numbers =
            [kind.to_string(), station.to_string(), degrees.to_string()];
        let n = net.on("client", || {
            let there = net.at("server", 7000).to_string();
            net.answer(&[&there, &numbers[0], &numbers[1], &numbers[2]])
        })?;
        let mut came = Vec::new();
        // Whatever ends it, what came has come.
        let _ = listener.accept().and_then(|(client, _)| {
            client.set_read_timeout(Some(ms(1500)))?;
            client.take(64).read_to_end(&mut came)
        });
        net.on("server", || net.observe("reading", hex(&came)))?;
        net.stop_answer(n)?;
    }
    Ok(())
}

//! # Four ways to read a header
//!
//! **Question.** One IP header is read by hand, by zerocopy, by pnet, and by a
//! cast to a struct of plain numbers. Who reads the same?

use std::net::UdpSocket;

use anyhow::Result;
use lab_kit::claim::all;
use lab_kit::{
    Evidence, Experiment, Figure, Finding, Net, Truth, cable, fails, option,
    sysctl,
};

use crate::readers::{Fields, by_cast, by_hand, by_pnet, by_zerocopy};

const AGREE: &str = "by hand, zerocopy, pnet: 39 bytes, offset 0, TTL 64";
const CAST: &str = "on a little-endian machine, a cast reads 9984 and 64";
const BYTE: &str = "a field of one byte survives the cast";

// ANCHOR: experiment
pub(crate) fn experiment() -> Experiment {
    let question = "A header is cast to a struct. Which fields are right?";
    Experiment::new("four-readers", question)
        .link(cable("client", "server"))
        .option("client", "payload", 11)
        .script(script)
        .keeps_bytes()
        .claim(AGREE, |run| {
            let wanted = Fields { length: 39, fragment: 0, ttl: 64 };
            let readers = [by_hand, by_zerocopy, by_pnet];
            all(readers.map(|read| is(run, wanted, read)))
        })
        .claim(CAST, |run| {
            // On a big-endian machine the cast is right: 39 and 0.
            let little = cfg!(target_endian = "little");
            let (length, fragment) = if little { (9984, 64) } else { (39, 0) };
            let ttl = by_cast(header(run)).ttl;
            is(run, Fields { length, fragment, ttl }, by_cast)
        })
        .claim(BYTE, |run| {
            let ttl = |read: fn(&[u8]) -> Fields| read(header(run)).ttl;
            let [cast, hand] = [ttl(by_cast), ttl(by_hand)];
            let holds = cast == hand && cast == 64;
            Finding::new(
                holds,
                "a TTL of 64 by both",
                format!("{cast}, {hand}"),
            )
        })
        .figure("what they read", |run| {
            let head = ["reader", "total length", "fragment offset", "TTL"];
            let row = |name: &str, f: Fields| {
                let numbers = [f.length, f.fragment, f.ttl.into()];
                let cells = numbers.map(|n| n.to_string());
                [&[name.to_string()][..], &cells].concat()
            };
            Figure::table(head)
                .row(row("by hand", by_hand(header(run))))
                .row(row("zerocopy", by_zerocopy(header(run))))
                .row(row("pnet", by_pnet(header(run))))
                .row(row("cast", by_cast(header(run))))
        })
        .figure("the packet", |run| run.segments().first().packet())
        .folklore(
            Truth::False,
            "A header can be read by casting the buffer to a struct",
            CAST,
        )
        .folklore_note("Not on a little-endian machine, without ntohs()")
        // 257 is 01 01, the same from either end.
        .what_if(
            "257-bytes",
            option("client", "payload", 229),
            fails([AGREE, CAST]),
        )
        .what_if(
            "another-ttl",
            sysctl("client", "net.ipv4.ip_default_ttl", 65),
            fails([AGREE, BYTE]),
        )
        .ends_with_script()
}

fn header(run: &Evidence) -> &[u8] {
    let first = run.trace.segments.first().map(|s| s.ip_header());
    first.filter(|header| header.len() >= 20).unwrap_or(&[0; 20])
}

fn is(run: &Evidence, wanted: Fields, read: fn(&[u8]) -> Fields) -> Finding {
    let saw = read(header(run));
    Finding::new(saw == wanted, wanted.to_string(), saw.to_string())
}
// ANCHOR_END: experiment

// ANCHOR: script
fn script(net: &Net) -> Result<()> {
    let server = net.on("server", || UdpSocket::bind(net.here(7000)))?;
    let client = net.on("client", || UdpSocket::bind(net.here(40000)))?;
    let payload = vec![b'!'; net.number("client:payload")? as usize];
    client.send_to(&payload, net.on("client", || net.at("server", 7000)))?;
    server.recv(&mut [0; 256])?;
    Ok(())
}
// ANCHOR_END: script

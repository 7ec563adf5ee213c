//! Frames and notes -> Evidence: from here on a pure function of its input,
//! testable without root from a committed pcap.

mod decode;
mod file;
mod flows;
mod model;
mod notes;
pub mod packet;
mod pcapng;
pub mod reader;
mod travel;

use std::net::Ipv4Addr;

use anyhow::{Result, bail};
use lab_kit::{Evidence, Proto, Segment, Trace};

pub use file::{Frame, link_name, read};
use flows::Flows;
pub use model::{model, model_of, model_so_far};
pub use notes::{End, Seen, Tap};
pub use pcapng::write as write_pcapng;
use travel::Travelled;

/// Decodes a run: `frames` holds one list for each of the notes' taps. Their
/// bytes are part of the evidence only where an experiment asks for them.
///
/// # Errors
/// Lists and taps that don't go together.
pub fn evidence(
    notes: &Seen,
    frames: &[Vec<Frame>],
    keeps_bytes: bool,
) -> Result<Evidence> {
    let mut flows = Flows::default();
    let ends: Vec<Known> = notes.ends.iter().map(Known::of).collect();
    let travelled = travelled(notes, frames)?;
    let segments = travelled.iter().map(|way| {
        let mut segment = segment(notes.start, &ends, way, &mut flows);
        if keeps_bytes {
            segment.bytes = decode::packet(&way.frame.bytes).to_vec();
        }
        segment
    });
    Ok(Evidence {
        trace: Trace {
            hosts: notes.hosts.clone(),
            segments: segments.collect(),
        },
        marks: notes.marks.clone(),
        observations: notes.observations.clone(),
        steps: notes.steps.clone(),
        quiets: notes.quiets.clone(),
        counters: notes.counters.clone(),
        left: notes.left.clone(),
        options: notes.options.clone(),
        ..Evidence::default()
    })
}

/// The packets of a run's segments, in their order.
fn packets<'a>(
    notes: &Seen,
    frames: &'a [Vec<Frame>],
) -> Result<Vec<&'a [u8]>> {
    let travelled = travelled(notes, frames)?;
    Ok(travelled.iter().map(|w| decode::packet(&w.frame.bytes)).collect())
}

fn travelled<'a>(
    notes: &Seen,
    frames: &'a [Vec<Frame>],
) -> Result<Vec<Travelled<'a>>> {
    if frames.len() != notes.taps.len() {
        bail!("{} captures for {} taps", frames.len(), notes.taps.len());
    }
    Ok(travel::travelled(notes, frames))
}

/// An end whose address has been read.
struct Known<'a> {
    end: &'a End,
    address: Option<Ipv4Addr>,
}

impl Known<'_> {
    fn of(end: &End) -> Known<'_> {
        Known { end, address: end.address.parse().ok() }
    }
}

/// Whose it is: by the interface, or by the address, where that is all there is.
fn host(ends: &[Known], mac: [u8; 6], address: Option<Ipv4Addr>) -> String {
    let is_mac = |known: &&Known| known.end.mac == mac && mac != [0; 6];
    let is_address =
        |known: &&Known| address.is_some() && known.address == address;
    let by_address = || ends.iter().find(is_address);
    match ends.iter().find(is_mac).or_else(by_address) {
        Some(known) => known.end.host.clone(),
        None => address.map_or_else(String::new, |it| it.to_string()),
    }
}

fn segment(
    start: i64,
    ends: &[Known],
    way: &Travelled,
    flows: &mut Flows,
) -> Segment {
    let packet = decode::decode(&way.frame.bytes);
    let mut segment = Segment {
        at: way.frame.at.saturating_sub(start),
        arrived: way.arrived.map(|at| at.saturating_sub(start)),
        from: host(ends, packet.macs.0, packet.addresses.0),
        to: host(ends, packet.macs.1, packet.addresses.1),
        flow: 0,
        proto: packet.proto,
        flags: packet.flags,
        seq: 0,
        ack: None,
        len: packet.len,
        window: u32::from(packet.window),
        options: packet.options,
        payload: packet.payload,
        retransmission: false,
        // On lo, which alone has no MACs, nobody computes one.
        bad_checksum: packet.bad_checksum && packet.macs.0 != [0; 6],
        damaged: way.damaged,
        raw: (packet.seq, packet.ack),
        bytes: Vec::new(),
    };
    let key = (packet.addresses, packet.ports);
    match segment.proto {
        Proto::Tcp => flows.place(&mut segment, key, &packet.sack),
        _ => flows.number(&mut segment, key),
    }
    segment
}

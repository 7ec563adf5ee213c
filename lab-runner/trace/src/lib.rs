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
    let travelled = travelled(notes, frames)?;
    let segments = travelled.iter().map(|way| {
        let mut segment = segment(notes, way, &mut flows);
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

fn segment(notes: &Seen, way: &Travelled, flows: &mut Flows) -> Segment {
    let packet = decode::decode(&way.frame.bytes);
    let host = |mac: [u8; 6], address: &str| {
        let by_address = notes.ends.iter().find(|e| e.address == address);
        let by_mac = notes.ends.iter().find(|e| e.mac == mac && mac != [0; 6]);
        by_mac.or(by_address).map_or(address.to_string(), |e| e.host.clone())
    };
    let mut segment = Segment {
        at: way.frame.at.saturating_sub(notes.start),
        arrived: way.arrived.map(|at| at.saturating_sub(notes.start)),
        from: host(packet.macs.0, &packet.addresses.0),
        to: host(packet.macs.1, &packet.addresses.1),
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

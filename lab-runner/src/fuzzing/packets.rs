//! Frames and captures: decoding, reading, writing, connections.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::path::PathBuf;

use anyhow::Result;
use lab_kit::Segment;
use lab_kit::line::{self, Line, Packet};
use nix::sys::memfd::{MFdFlags, memfd_create};

use super::sinks::judged;
use super::source::Source;
use crate::stage::{Notes, Summary};
use lab_trace::{Frame, write_pcapng};

/// One frame: whatever its headers say, no more is read than there is, and
/// what is read has a line in a snapshot.
pub fn frame(bytes: &[u8]) {
    let one = Frame { at: 0, bytes: bytes.into(), len: bytes.len() as u32 };
    let notes = notes(false);
    let run =
        lab_trace::evidence(&notes.seen, &[vec![one]], true).expect("a tap");
    let segment = &run.trace.segments[0];
    assert!(segment.len as usize <= bytes.len());
    assert!(segment.bytes.len() <= bytes.len());
    assert!(segment.payload.chars().count() <= 64);
    cut_as_it_says(segment);
    let summary = Summary::of(bytes);
    assert!(summary.len as usize <= bytes.len());
    let packet = Line::Packet(Packet::of(segment, true)).to_string();
    let again = line::parse(&packet).expect("our own line");
    assert_eq!(again[0].to_string(), packet);
}

/// Header, payload: parts of the packet, in order.
fn cut_as_it_says(segment: &Segment) {
    let (head, rest) = (segment.ip_header(), segment.transport());
    assert_eq!([head, rest].concat(), segment.bytes);
    assert!(rest.ends_with(segment.data()));
}

/// A file: its frames, or an error that names it. What was read can be written
/// as pcapng, and is then read as the same.
pub fn capture(bytes: &[u8]) {
    let Ok(frames) = read(bytes) else { return };
    let taps = [("left".to_string(), frames.clone()), ("".into(), Vec::new())];
    let comments = [(0, "begin".to_string()), (i64::MAX, "end".into())];
    let mut file = Vec::new();
    write_pcapng(&mut file, &taps, &comments).expect("to memory");
    let mut sorted = frames;
    sorted.sort_by_key(|frame| frame.at);
    assert_eq!(read(&file).expect("our own file"), sorted);
}

/// As a run's captures are read: by a descriptor without a name.
fn read(bytes: &[u8]) -> Result<Vec<Frame>> {
    let (path, _file) = in_memory(bytes);
    lab_trace::read(&path)
}

/// A file that is on no disk, as long as it is open.
pub(super) fn in_memory(bytes: &[u8]) -> (PathBuf, File) {
    let fd = memfd_create(c"fuzz", MFdFlags::MFD_CLOEXEC).expect("memory");
    let mut file = File::from(fd);
    file.write_all(bytes).expect("memory");
    let path = format!("/proc/self/fd/{}", file.as_raw_fd());
    (path.into(), file)
}

/// Any frames in any order: connections, relative numbers and ladder are the
/// same each time.
pub fn flows(bytes: &[u8]) {
    let mut from = Source::new(bytes);
    let wire = from.coin();
    let notes = notes(wire);
    let mut taps = vec![Vec::new(); notes.seen.taps.len()];
    let mut at = from.number();
    while !from.is_empty() {
        let how = from.byte();
        let bytes = match how & 3 {
            0 => raw(&mut from),
            _ => segment(&mut from, how),
        };
        at = at.wrapping_add(from.number());
        let len = bytes.len() as u32;
        let frame = Frame { at, bytes, len };
        if wire && how & 8 == 0 {
            taps[1].push(frame.clone()); // it arrives
        }
        taps[0].push(frame);
    }
    let run =
        lab_trace::evidence(&notes.seen, &taps, how_kept(bytes)).expect("taps");
    let again =
        lab_trace::evidence(&notes.seen, &taps, how_kept(bytes)).expect("taps");
    assert_eq!(run, again);
    let report = judged(&run);
    if bytes.len().is_multiple_of(8) {
        assert_eq!(judged(&again), report);
    }
}

fn how_kept(bytes: &[u8]) -> bool {
    bytes.len().is_multiple_of(2)
}

fn raw(from: &mut Source) -> Vec<u8> {
    let len = from.short() % 600;
    from.take(len.into()).into()
}

/// A TCP segment between our two hosts whose numbers are near each other.
fn segment(from: &mut Source, how: u8) -> Vec<u8> {
    let (a, b) = if how & 4 == 0 { (1, 2) } else { (2, 1) };
    let mut frame = vec![2, 0, 0, 0, 0, b, 2, 0, 0, 0, 0, a, 8, 0];
    let ports = [7000u16, 40_000 + u16::from(how >> 7)];
    let (flags, options) = (from.byte(), from.byte() % 11);
    let mut near = |edge: u32| edge.wrapping_add(u32::from(from.byte()));
    let (seq, ack) = (near(u32::MAX - 99), near(1 << 31));
    let options = from.take(usize::from(options) * 4).to_vec();
    let words = options.len() / 4;
    let len = from.byte() % 80;
    let payload = from.take(len.into());
    let total = 20 + 20 + words * 4 + payload.len();
    frame.extend([0x45, 0, (total >> 8) as u8, total as u8, 0, 0, 0x40, 0]);
    frame.extend([64, 6, 0, 0, 192, 0, 2, a, 192, 0, 2, b]);
    frame.extend(ports[usize::from(a == 1)].to_be_bytes());
    frame.extend(ports[usize::from(a == 2)].to_be_bytes());
    frame.extend(seq.to_be_bytes());
    frame.extend(ack.to_be_bytes());
    frame.extend([((5 + words) << 4) as u8, flags, 1, 0, 0, 0, 0, 0]);
    frame.extend(&options[..words * 4]);
    frame.extend(payload);
    frame
}

/// A run of two hosts, on a cable or a wire.
pub(super) fn notes(wire: bool) -> Notes {
    let mac = |n| [2, 0, 0, 0, 0, n];
    let taps = match wire {
        true => vec!["client", "server"],
        false => vec!["client"],
    };
    let taps: Vec<_> = taps
        .iter()
        .map(|host| serde_json::json!({"link": 0, "host": host}))
        .collect();
    serde_json::from_value(serde_json::json!({
        "format": 1, "kernel": "6.18", "hosts": ["client", "server"],
        "ends": [
            {"host": "client", "mac": mac(1), "address": "192.0.2.1"},
            {"host": "server", "mac": mac(2), "address": "192.0.2.2"},
        ],
        "taps": taps, "start": 0, "marks": [], "observations": [],
        "steps": [], "quiets": [], "counters": {}, "left": {}, "options": {},
        "stall_ns": 0, "inconclusive": null, "phases": [],
    }))
    .expect("notes")
}

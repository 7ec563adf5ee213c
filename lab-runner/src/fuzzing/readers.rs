//! Text that somebody gave us: snapshots, JSON, knobs, hexadecimal.

use std::fmt::Debug;

use lab_kit::figure::Drawn;
use lab_kit::ladder::{Ladder, text::draw};
use lab_kit::protocol::{Case, Hello, Judgement, Reply, Request};
use lab_kit::{Described, Evidence, Experiment, Segment, line, loopback, wire};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::packets::{in_memory, notes};
use super::sinks::{draws, is_one_line, judged, told};
use super::vocabulary::experiment;
use crate::stage::Notes;
use crate::{check, discover, knobs};
use lab_trace::Frame;

/// A snapshot: what is read prints as what is read again, and is drawn.
pub fn snapshot(bytes: &[u8]) {
    let (path, _file) = in_memory(bytes);
    drop(check::Accepted::read(&path));
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(lines) = line::parse(text) else { return };
    let printed: Vec<String> = lines.iter().map(ToString::to_string).collect();
    for line in &printed {
        is_one_line(line);
    }
    assert_eq!(line::parse(&printed.join("\n")).as_ref(), Ok(&lines));
    let hosts = ["client", "server", "third"].map(String::from);
    for hosts in [&hosts[..], &hosts[..2], &hosts[..1], &[]] {
        let ladder = Ladder::of_lines(&lines, hosts, &["so".into()]);
        for line in draw(&ladder, 80) {
            is_one_line(&line.text);
        }
    }
}

/// JSON of each kind that we read; the first byte says which.
pub fn json(bytes: &[u8]) {
    let Some((kind, text)) = bytes.split_first() else { return };
    match kind {
        b'D' => described(text),
        b'E' => drop(same::<Evidence>(text).map(|run| judged(&run))),
        b'C' => drop(same::<Case<'static>>(text)),
        b'J' => drop(same::<Judgement>(text).map(judgement)),
        b'N' => drop(same::<Notes>(text).map(|notes| noted(&notes))),
        b'F' => drop(same::<Vec<Drawn>>(text).map(|all| draws(&all))),
        b'H' => drop(same::<Hello>(text)),
        b'Q' => drop(same::<Request>(text)),
        b'R' => drop(same::<Reply>(text)),
        _ => {}
    }
}

/// What is read prints as JSON that is read as the same.
fn same<T: DeserializeOwned + Serialize + Debug>(text: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(text).ok()?;
    let printed = serde_json::to_vec(&read).expect("JSON");
    let again: T = serde_json::from_slice(&printed).expect("our own JSON");
    assert_eq!(format!("{read:?}"), format!("{again:?}"));
    Some(read)
}

fn described(text: &[u8]) {
    drop(same::<Described>(text));
    let Ok(lab) = discover::understand("a lab", text) else { return };
    for plan in &lab.experiments {
        let run = Evidence::default();
        check::snapshot_text(plan, &run, &[]);
        drop(knobs::parse("client:x=1", plan));
    }
}

/// Findings may point anywhere.
fn judgement(judgement: Judgement) {
    let frame = Frame { at: 0, bytes: vec![0; 60], len: 60 };
    let run = lab_trace::evidence(&notes(false).seen, &[vec![frame; 3]], false);
    let run = run.expect("one tap");
    let mut plan = experiment().plan().clone();
    plan.claims = vec!["so it is".into(); judgement.findings.len()];
    if let Ok(judgement) = check::understood(judgement, &plan, &run) {
        told(&plan, &run, judgement);
    }
}

/// Notes beside captures that they may not belong to.
fn noted(notes: &Notes) {
    let frame = |at| Frame { at, bytes: vec![2; 60], len: 60 };
    let frames = vec![vec![frame(0), frame(i64::MAX)]; notes.seen.taps.len()];
    for n in 0..notes.seen.taps.len() {
        let _ = notes.seen.ending(n);
    }
    if let Ok(run) = lab_trace::evidence(&notes.seen, &frames, true) {
        judged(&run);
    }
}

/// What a reader writes after `--set`: a knob that prints as it was written, or
/// a sentence.
pub fn knob(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let plans = [
        experiment(),
        Experiment::new("b", "?")
            .link(wire("client", "server"))
            .option("client", "count", 1),
        Experiment::new("c", "?").link(loopback("a", "b")),
    ];
    for plan in &plans {
        match knobs::parse(text, plan.plan()) {
            Ok(knob) => {
                let again = knobs::parse(&knob.to_string(), plan.plan());
                assert_eq!(again.expect("its own words"), knob);
            }
            Err(why) => assert!(!why.to_string().is_empty()),
        }
    }
}

/// Bytes as hex in JSON: whole pairs of digits, or an error.
pub fn hex(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let segment = serde_json::json!({
        "at": 0, "arrived": null, "from": "", "to": "", "flow": 0,
        "proto": "tcp", "flags": "", "seq": 0, "ack": null, "len": 0,
        "window": 0, "options": [], "payload": "", "retransmission": false,
        "bad_checksum": false, "raw": [0, 0], "bytes": text,
    });
    let digits = text.bytes().all(|b| b.is_ascii_hexdigit());
    let whole = text.len().is_multiple_of(2);
    let read: Result<Segment, _> = serde_json::from_value(segment);
    assert_eq!(read.is_ok(), digits && whole, "{text:?}");
    let Ok(mut segment) = read else { return };
    assert_eq!(segment.bytes.len() * 2, text.len());
    segment.bytes = bytes.into();
    let printed = serde_json::to_string(&segment).expect("JSON");
    let again: Segment = serde_json::from_str(&printed).expect("our own");
    assert_eq!(again, segment);
}

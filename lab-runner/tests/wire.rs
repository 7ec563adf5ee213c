//! What a link does to real packets is what the trace says it did: every rule
//! of a wire, a raw peer, a peer that vanishes, three hosts, a loopback.

mod common;

use common::{Said, fixture};
use lab_kit::{Evidence, Segment};

/// Of a run during which the machine didn't stand still, if there is one in
/// six: bounds in milliseconds mean nothing in another.
fn evidence(experiment: &str) -> Evidence {
    let project = fixture("ch92-wire");
    let words = format!("ch92 {experiment} --json");
    let smooth = |said: &Said| said.json()[0]["stall_ms"].as_f64() < Some(10.0);
    let mut said = project.run(&words);
    for _ in 0..5 {
        if smooth(&said) {
            break;
        }
        said = project.run(&words);
    }
    said.evidence()
}

fn data(run: &Evidence) -> Vec<&Segment> {
    run.trace.segments.iter().filter(|s| s.len > 0).collect()
}

#[track_caller]
fn saw(run: &Evidence, host: &str, key: &str, value: &str) {
    let finding = run.observed(host, key).is(value);
    assert!(finding.holds, "{finding:?}\n{:#?}", run.trace);
}

fn counter(run: &Evidence, host: &str, name: &str) -> i64 {
    run.counters[host].get(name).copied().unwrap_or(0)
}

const MS: i64 = 1_000_000;

#[test]
fn a_dropped_segment_is_lost_in_the_trace_and_comes_again() {
    let run = evidence("drop");
    let sent = data(&run);
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert_eq!(sent[0].arrived, None);
    assert!(!sent[0].retransmission);
    assert!(sent[1].arrived.is_some() && sent[1].retransmission);
    assert_eq!((sent[0].seq, sent[0].len), (sent[1].seq, sent[1].len));
    assert_eq!(counter(&run, "client", "TcpRetransSegs"), 1);
    saw(&run, "server", "read", "10");
}

#[test]
fn a_dropped_syn_comes_again_after_a_second() {
    let run = evidence("drop-syn");
    let syns: Vec<_> =
        run.trace.segments.iter().filter(|s| s.flags.0 == "S").collect();
    assert_eq!(syns.len(), 2, "{syns:#?}");
    assert_eq!((syns[0].arrived, syns[0].flow), (None, syns[1].flow));
    let gap = (syns[1].at - syns[0].at) / MS;
    assert!((950..1300).contains(&gap), "{gap} ms");
}

#[test]
fn a_delay_is_in_every_frame_and_twice_in_every_round_trip() {
    let run = evidence("delay");
    for segment in &run.trace.segments {
        let took = segment.arrived.expect("all arrive") - segment.at;
        assert!((30 * MS..60 * MS).contains(&took), "{segment:#?}");
    }
    let [syn, answer] = [0, 1].map(|n| &run.trace.segments[n]);
    assert!(answer.arrived.unwrap() - syn.at >= 60 * MS);
}

#[test]
fn one_delayed_frame_is_late_and_the_others_are_not() {
    let run = evidence("delay-one");
    let took = |s: &Segment| s.arrived.expect("all arrive") - s.at;
    let sent = data(&run);
    assert!(took(sent[0]) >= 60 * MS, "{sent:#?}");
    let others = run.trace.segments.iter().filter(|s| *s != sent[0]);
    let worst = others.map(took).max().unwrap();
    assert!(worst < 40 * MS, "{worst}");
}

#[test]
fn a_duplicate_is_sent_once_and_received_twice() {
    let run = evidence("duplicate");
    let sent = data(&run);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent.iter().all(|s| s.arrived.is_some()));
    assert_eq!(counter(&run, "client", "TcpRetransSegs"), 0);
    assert_eq!(counter(&run, "server", "TcpExtTCPDSACKOldSent"), 1);
    saw(&run, "server", "read", "10");
}

#[test]
fn a_corrupted_segment_arrives_damaged_and_its_kernel_disowns_it() {
    let run = evidence("corrupt");
    let sent = data(&run);
    assert_eq!(sent.len(), 3, "{sent:#?}");
    assert!(sent[0].arrived.is_some(), "damaged, not lost");
    assert!(sent[0].damaged && !sent[0].bad_checksum);
    assert!(!sent[1].damaged && sent[1].retransmission);
    assert_eq!(counter(&run, "server", "TcpInCsumErrors"), 1);
    saw(&run, "server", "in order", "true");
    let text = fixture("ch92-wire").run("ch92 corrupt");
    text.says(&["[damaged]"]);
}

#[test]
fn a_segment_without_data_can_be_corrupted_too() {
    let run = evidence("corrupt-syn");
    let first = &run.trace.segments[0];
    assert!(first.damaged && first.flags.0 == "S", "{first:#?}");
    assert_eq!(counter(&run, "server", "TcpInCsumErrors"), 1);
}

#[test]
fn what_is_held_since_a_mark_leaves_at_another() {
    let run = evidence("hold");
    let mark = |name: &str| {
        run.marks.iter().find(|m| m.name == name).expect("marked").at
    };
    let sent = data(&run);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent[0].at < mark("sent"));
    assert!(sent[0].arrived.unwrap() >= mark("sent"));
}

#[test]
fn a_reordered_segment_is_overtaken_by_two() {
    let run = evidence("reorder");
    let sent = data(&run);
    let first = sent[0];
    assert_eq!((first.seq, first.retransmission), (1, false));
    // One of the two may be the first itself, sent again.
    let passed = sent[1..].iter().filter(|s| s.arrived < first.arrived);
    assert_eq!(passed.count(), 2, "{sent:#?}");
    saw(&run, "server", "in order", "true");
    saw(&run, "server", "read", "5000");
}

#[test]
fn a_segment_that_nobody_overtakes_is_not_forgotten() {
    let run = evidence("reorder-last");
    saw(&run, "server", "read", "5000");
    let fin = run.trace.segments.iter().find(|s| s.flags.has('F'));
    assert!(fin.is_some(), "{:#?}", run.trace);
}

#[test]
fn a_megabit_carries_a_thousand_bytes_in_eight_milliseconds() {
    let run = evidence("rate");
    let sent = data(&run);
    assert_eq!(sent.len(), 5, "{sent:#?}");
    // Each is 1066 bytes with its headers. One may be late when the machine
    // is busy, but the last is never early.
    let took = sent[4].arrived.unwrap() - sent[0].at;
    assert!((42 * MS..120 * MS).contains(&took), "{took}");
    saw(&run, "server", "read", "5000");
}

#[test]
fn on_a_loopback_each_packet_is_there_once() {
    let run = evidence("loopback");
    let sent = data(&run);
    assert_eq!(sent.len(), 2, "{sent:#?}");
    assert!(sent.iter().all(|s| s.from == "client" && s.to == "server"));
    let words: Vec<_> =
        run.trace.segments.iter().map(|s| s.flags.to_string()).collect();
    assert_eq!(words[..3], ["S", "S.", "."]);
    assert!(run.trace.segments.iter().all(|s| !s.bad_checksum));
    assert!(run.trace.segments.iter().all(|s| !s.retransmission));
}

#[test]
fn a_third_host_is_reached_over_its_own_link() {
    let run = evidence("three-hosts");
    saw(&run, "far", "connect", "connection refused");
    let far: Vec<_> = run
        .trace
        .segments
        .iter()
        .filter(|s| s.from == "far" || s.to == "far")
        .map(|s| format!("{} > {} {}", s.from, s.to, s.flags))
        .collect();
    assert_eq!(far, ["far > server S", "server > far R."]);
    saw(&run, "server", "read", "10");
}

#[test]
fn a_raw_peer_shakes_hands_and_is_believed() {
    let run = evidence("raw");
    saw(&run, "client", "answer", "S. 0");
    saw(&run, "server", "from", "40000");
    saw(&run, "server", "read", "hello");
    saw(&run, "client", "acked", "5");
    saw(&run, "server", "then", "connection reset");
    assert_eq!(counter(&run, "server", "TcpInCsumErrors"), 1);
    let seen: Vec<_> = run.trace.segments.iter().collect();
    let shapes: Vec<_> = seen
        .iter()
        .map(|s| format!("{} {} {}:{}", s.from, s.flags, s.seq, s.end()))
        .collect();
    assert_eq!(
        shapes,
        [
            "client S 0:1",
            "server S. 0:1",
            "client . 1:1",
            "client P. 1:6",
            "client P. 1:6",
            "server . 1:1",
            "client R. 6:6"
        ]
    );
    assert!(seen[3].bad_checksum && !seen[4].bad_checksum);
}

#[test]
fn a_peer_that_vanished_sends_nothing_until_it_is_spoken_to() {
    let run = evidence("vanish");
    let step = &run.steps[0];
    assert_eq!(step.state_of("client"), "ESTAB");
    assert_eq!(step.state_of("server"), "-");
    let shapes: Vec<_> = run
        .trace
        .segments
        .iter()
        .map(|s| format!("{} {}", s.from, s.flags))
        .collect();
    let want = ["client S", "server S.", "client .", "client P.", "server R"];
    assert_eq!(shapes, want);
}

//! `explain` held against the labs: every accepted capture is explained, and
//! where an experiment's phenomenon is known, exactly that is named.

mod common;

use std::path::PathBuf;

use common::{root, run, runner};
use serde_json::Value;

/// Three forged: ignored, challenged, obeyed.
const RST_NUMBERS: &[&str] = &[
    "RST answered by a challenge ACK",
    "RST that does not count",
    "reset: the other end doesn't know the connection",
];

/// Experiments whose phenomenon is known: what must be named, in a capture of
/// one of its interfaces, and nothing else but notes.
const KNOWN: [(&str, &[&str]); 59] = [
    ("ch01/refused", &["connection refused"]),
    ("ch01/lost-syn", &["SYN sent again"]),
    ("ch01/lost-syn-ack", &["SYN sent again"]),
    ("ch01/lost-syn-ack.server", &["SYN-ACK sent again"]),
    ("ch01/syn-unanswered", &["SYN without an answer"]),
    ("ch01/syn-ack-unanswered.server", &["SYN-ACK without an answer"]),
    ("ch01/self-connect", &["connected to itself"]),
    ("ch01/half-open", &["reset: the other end doesn't know the connection"]),
    ("ch01/syn-again", &["SYN on an open connection"]),
    ("ch01/syn-again.server", &["SYN on an open connection"]),
    ("ch01/challenge-lost", &["SYN on an open connection"]),
    ("ch01/challenge-lost.server", &["SYN on an open connection"]),
    ("ch01/rst-numbers", RST_NUMBERS),
    ("ch01/rst-numbers.server", RST_NUMBERS),
    ("ch01/monday-morning", &["reset: data to a closed socket"]),
    ("ch01/late-answer", &["reset: data to a closed socket"]),
    ("ch01/fin-timeout", &["reset: data to a closed socket"]),
    ("ch01/last-ack-lost", &["needless retransmission"]),
    ("ch01/last-ack-lost.server", &["retransmission by timer"]),
    (
        "ch01/assassination",
        &[
            "held for 200 ms",
            "needless retransmission",
            "reset: of a connection that had ended",
        ],
    ),
    ("ch02/zero-window", &["window full", "zero window"]),
    ("ch02/zero-window-larger", &["window full", "zero window"]),
    ("ch02/stands-still", &["window full", "zero window"]),
    ("ch02/full", &["window full", "zero window"]),
    ("ch02/both-write", &["window full", "zero window"]),
    (
        "ch02/lost-update.server",
        &["window full", "window update lost", "zero window"],
    ),
    ("ch02/linger-zero", &["reset: aborted", "zero window"]),
    ("ch02/close-unread", &["reset: closed with unread data, or aborted"]),
    (
        "ch02/lost-answer",
        &["RST answered by a challenge ACK", "reset: closed with unread data"],
    ),
    (
        "ch02/lost-answer.server",
        &[
            "RST answered by a challenge ACK",
            "reset: closed with unread data, or aborted",
        ],
    ),
    ("ch02/lost-update", &["window full", "zero window"]),
    ("ch02/orphan", &["peer vanished"]),
    ("ch02/wildcard", &["UDP port unreachable"]),
    ("ch03/ack-too-late", &["reset: never accepted"]),
    ("ch03/close-loses", &["reset: never accepted"]),
    ("ch03/close-then-open", &["reset: never accepted"]),
    ("ch04/closed-and-reported", &["reset: closed with unread data"]),
    ("ch04/oneshot", &["reset: closed with unread data"]),
    ("ch05/header-body", &["delayed ACK and Nagle"]),
    ("ch05/write-write-read-3", &["delayed ACK and Nagle"]),
    ("ch05/write-write-read-4", &["delayed ACK and Nagle"]),
    ("ch05/write-write-read-6", &["delayed ACK and Nagle"]),
    ("ch05/cure-quickack-once", &["delayed ACK and Nagle"]),
    (
        "ch05/four-waits",
        &[
            "delayed ACK and Nagle",
            "held for 200 ms",
            "retransmission by timer",
        ],
    ),
    ("ch05/four-waits.server", &["delayed ACK and Nagle", "held for 200 ms"]),
    ("ch05/cork-cap", &["held for 200 ms"]),
    ("ch05/cure-nodelay-client", &["delayed ACK and Nagle"]),
    ("ch06/bad-checksum", &["retransmission by timer"]),
    (
        "ch06/bad-checksum.server",
        &["checksum error", "retransmission by timer"],
    ),
    ("ch06/port-without-htons", &["connection refused"]),
    ("ch03/comes-back", &["reset: aborted"]),
    ("ch04/edge-report", &["reset: aborted"]),
    ("ch07/ghost", &["SYN on an open connection"]),
    (
        "ch07/ghost-2016",
        &["SYN answered by a challenge ACK", "SYN on an open connection"],
    ),
    (
        "ch07/ghost-2016.server",
        &["SYN on an open connection", "never closed by the other end"],
    ),
    ("ch07/accept-shutdown", &["connection refused"]),
    ("ch07/close-unread", &["reset: closed with unread data, or aborted"]),
    ("ch07/listener-closed", &["connection refused", "reset: never accepted"]),
    (
        "ch07/reset-at-deploy",
        &[
            "connection refused",
            "reset: closed with unread data",
            "reset: never accepted",
        ],
    ),
];

/// Whose phenomenon is nothing wrong: the note that must be there.
const NOTED: [(&str, &str); 15] = [
    ("ch01/half-close", "half-close"),
    ("ch01/close-wait", "never closed by the other end"),
    ("ch01/simultaneous-open", "simultaneous open"),
    ("ch01/time-wait-server", "port used again"),
    ("ch01/tw-reuse", "port used again"),
    ("ch02/flow-control", "window full"),
    ("ch02/frozen", "window full"),
    ("ch03/busy-server", "port used again"),
    ("ch05/first-ack", "delayed ACK"),
    ("ch05/pingpong", "delayed ACK"),
    ("ch05/quick-acks", "delayed ACK"),
    ("ch05/two-segments", "delayed ACK"),
    ("ch05/delack-tuned", "delayed ACK"),
    ("ch06/sequence-wraps", "reordered"),
    ("ch07/path-loopback", "checksums not yet computed"),
];

/// Where there is nothing to say at all.
const CLEAN: [&str; 20] = [
    "ch01/handshake",
    "ch01/four-segments",
    "ch01/three-segments",
    "ch01/killed",
    "ch01/simultaneous-close",
    "ch01/time-wait",
    "ch01/walk",
    "ch01/defer-accept",
    "ch02/idle",
    "ch02/nodelay",
    "ch02/autotuning",
    "ch03/restart",
    "ch04/accept",
    "ch04/last-in",
    "ch05/cure-writev",
    "ch05/cure-cork",
    "ch05/cure-nodelay-server",
    "ch05/cure-quickack-route",
    "ch05/write-write-read-2",
    "ch06/one-number",
];

/// Every committed capture: `ch01/refused`, and where it is.
fn captures() -> Vec<(String, PathBuf)> {
    let mut all = Vec::new();
    for lab in std::fs::read_dir(root().join("labs")).expect("labs").flatten() {
        let chapter: String =
            lab.file_name().to_string_lossy().chars().take(4).collect();
        let kept = std::fs::read_dir(lab.path().join("snapshots"));
        for file in kept.into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            // Other kernels' traces are held against claims, not against these.
            if let Some(name) = name.strip_suffix(".pcap")
                && !name.contains('@')
            {
                all.push((format!("{chapter}/{name}"), file.path()));
            }
        }
    }
    all.sort();
    all
}

fn explained(path: &std::path::Path) -> Value {
    let said = run(runner().arg("explain").arg(path).arg("--json"));
    assert_eq!(said.code, 0, "{}: {}", path.display(), said.all());
    said.json().remove(0)
}

/// What is named, each once: without notes, and the notes.
fn named(answer: &Value) -> (Vec<String>, Vec<String>) {
    let connections = answer["connections"].as_array().expect("a list");
    let wrong =
        connections.iter().flat_map(|c| c["wrong"].as_array().expect("a list"));
    let (mut bad, mut notes) = (Vec::new(), Vec::new());
    for one in wrong {
        assert!(!one["packets"].as_array().expect("a list").is_empty());
        let what = one["what"].as_str().expect("a name").to_string();
        match one["severity"] == "note" {
            true => notes.push(what),
            false => bad.push(what),
        }
    }
    for list in [&mut bad, &mut notes] {
        list.sort();
        list.dedup();
    }
    (bad, notes)
}

#[test]
fn every_accepted_capture_is_explained_as_the_lab_has_it() {
    let mut wrong = Vec::new();
    let mut seen = 0;
    let all = captures();
    assert!(all.len() > 200, "{}", all.len());
    for (name, path) in &all {
        let (bad, notes) = named(&explained(path));
        if let Some((_, wanted)) = KNOWN.iter().find(|k| k.0 == *name) {
            seen += 1;
            if bad != *wanted {
                wrong.push(format!("{name}: {bad:?}, not {wanted:?}"));
            }
        }
        if let Some((_, wanted)) = NOTED.iter().find(|k| k.0 == *name) {
            seen += 1;
            if !notes.contains(&wanted.to_string()) || !bad.is_empty() {
                wrong.push(format!("{name}: {bad:?} {notes:?}: {wanted}"));
            }
        }
        if CLEAN.contains(&name.as_str()) {
            seen += 1;
            if !bad.is_empty() || !notes.is_empty() {
                wrong.push(format!("{name}: {bad:?} {notes:?}, not nothing"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert_eq!(seen, KNOWN.len() + NOTED.len() + CLEAN.len());
}

#[test]
fn the_terminal_shows_ladder_evidence_and_chapter() {
    let file = root().join("labs/ch05-delayed-ack/snapshots/header-body.pcap");
    let said = run(runner().arg("explain").arg(&file));
    assert_eq!(said.code, 0, "{}", said.all());
    said.says(&[
        "1 has something wrong",
        "stalled",
        "── SYN ──",
        "① delayed ACK and Nagle (stalled)",
        "looks held back",
        "evidence: packets",
        "proven in ch05/write-write-read-3: lab-runner ch05",
    ]);
    let well = file.with_file_name("cure-writev.pcap");
    let said = run(runner().arg("explain").arg(&well));
    said.says(&["nothing is wrong", "Nothing is wrong with it."]);
}

#[test]
fn another_connection_can_be_asked_for() {
    let file = root().join("labs/ch07-loopback-path/snapshots/ghost.pcap");
    let said = run(runner()
        .args(["explain", "--json", "--connection", "1"])
        .arg(&file));
    let answer = said.json().remove(0);
    assert_eq!((said.code, &answer["chosen"]), (0, &Value::from(1)));
    let rows = answer["model"]["rows"].as_array().expect("rows");
    assert!(rows.len() > 3, "{rows:#?}");
    let said = run(runner().args(["explain", "--connection", "99"]).arg(&file));
    said.could_not(&["no connection 99", "without --connection"]);
}

#[test]
fn what_cannot_be_read_says_why() {
    run(runner().args(["explain", "/nowhere.pcap"]))
        .could_not(&["/nowhere.pcap", "No such file"]);
    run(runner().arg("explain").arg(root())).could_not(&["is a folder"]);
    run(runner().arg("explain").arg(root().join("Cargo.toml")))
        .could_not(&["as pcap or pcapng", "neither pcap nor pcapng"]);
}

#[test]
fn standard_input_is_read_from_a_pipe_and_from_a_file() {
    let file = root().join("labs/ch05-delayed-ack/snapshots/header-body.pcap");
    let plain = explained(&file);
    let bytes = std::fs::read(&file).expect("a capture");
    let (reader, mut writer) = std::io::pipe().expect("a pipe");
    let writing = std::thread::spawn(move || {
        std::io::Write::write_all(&mut writer, &bytes).expect("write");
    });
    let mut through = runner();
    through.args(["explain", "-", "--json"]).stdin(reader);
    let piped = run(&mut through).json().remove(0);
    writing.join().expect("written");
    let mut from = runner();
    from.args(["explain", "-", "--json"])
        .stdin(std::fs::File::open(&file).expect("a capture"));
    let given = run(&mut from).json().remove(0);
    for answer in [piped, given] {
        assert_eq!(answer["connections"], plain["connections"]);
        assert_eq!(answer["model"]["rows"], plain["model"]["rows"]);
    }
}

/// A sentence that depends on what came before: what is said, and what not.
#[test]
fn a_syn_and_a_rst_are_told_by_what_was_before() {
    let told = [
        ("ch01-handshake-and-teardown/snapshots/syn-again", "(restarted)"),
        ("ch07-loopback-path/snapshots/ghost", "tcp_fin_timeout"),
        ("ch07-loopback-path/snapshots/ghost-2016.server", "(3 times)"),
        (
            "ch01-handshake-and-teardown/snapshots/challenge-lost",
            "nothing here answers it",
        ),
        (
            "ch01-handshake-and-teardown/snapshots/challenge-lost.server",
            "answers with a challenge ACK",
        ),
        (
            "ch01-handshake-and-teardown/snapshots/rst-numbers",
            "may be forged as they were",
        ),
        (
            "ch01-handshake-and-teardown/snapshots/rst-numbers.server",
            "10000000 bytes ahead",
        ),
        ("ch01-handshake-and-teardown/snapshots/half-open", "never heard of"),
        ("ch02-buffers/snapshots/linger-zero", "to the connection's end"),
    ];
    for (name, words) in told {
        let path = root().join(format!("labs/{name}.pcap"));
        let said = explained(&path)["connections"].to_string();
        assert!(said.contains(words), "{name}: {words}: {said}");
    }
}

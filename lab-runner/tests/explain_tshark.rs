//! A second opinion on what is wrong: tshark's expert analysis of every
//! committed capture, ours and other software's, beside what `explain` names.
//! The table is kept; a change of either is a change of the table.

mod common;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use common::{root, run, runner};

/// tshark's analysis that is about something wrong, or worth a note.
const FLAGS: [&str; 14] = [
    "retransmission",
    "fast_retransmission",
    "spurious_retransmission",
    "out_of_order",
    "lost_segment",
    "ack_lost_segment",
    "duplicate_ack",
    "window_full",
    "zero_window",
    "zero_window_probe",
    "zero_window_probe_ack",
    "keep_alive",
    "keep_alive_ack",
    "reused_ports",
];

fn captures() -> Vec<(String, PathBuf)> {
    let mut folders = vec![(
        "foreign".to_string(),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures"),
    )];
    for lab in std::fs::read_dir(root().join("labs")).expect("labs").flatten() {
        let name = lab.file_name().to_string_lossy().into_owned();
        folders.push((
            name[..4.min(name.len())].into(),
            lab.path().join("snapshots"),
        ));
    }
    let mut all = Vec::new();
    for (chapter, folder) in folders {
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = file.file_name().to_string_lossy().into_owned();
            if let Some(name) = name.strip_suffix(".pcap") {
                all.push((format!("{chapter}/{name}"), file.path()));
            }
        }
    }
    all.sort();
    all
}

/// What tshark flags, each once.
fn tshark(path: &Path) -> Vec<String> {
    let mut command = Command::new("tshark");
    command.args(["-T", "fields", "-Y", "tcp.analysis.flags", "-r"]);
    command.arg(path);
    for flag in FLAGS {
        command.args(["-e", &format!("tcp.analysis.{flag}")]);
    }
    let output = command.output().expect("tshark: apt-get install tshark");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut found = Vec::new();
    for line in text.lines() {
        for (value, flag) in line.split('\t').zip(FLAGS) {
            if !value.is_empty() && !found.contains(&flag.to_string()) {
                found.push(flag.to_string());
            }
        }
    }
    found.sort();
    found
}

fn ours(path: &Path) -> Vec<String> {
    let said = run(runner().arg("explain").arg(path).arg("--json"));
    assert_eq!(said.code, 0, "{}", said.all());
    let answer = said.json().remove(0);
    let connections = answer["connections"].as_array().expect("a list");
    let wrong =
        connections.iter().flat_map(|c| c["wrong"].as_array().expect("a list"));
    let mut found: Vec<String> = wrong
        .map(|w| w["what"].as_str().expect("a name").to_string())
        .filter(|what| what != "checksums not yet computed")
        .collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn what_tshark_finds_and_what_explain_finds() {
    let all = captures();
    let half = all.len().div_ceil(2);
    let both = |(name, path): &(String, PathBuf)| {
        (name.clone(), tshark(path), ours(path))
    };
    let both = &both;
    let rows: Vec<_> = std::thread::scope(|scope| {
        let parts: Vec<_> = all
            .chunks(half)
            .map(|part| {
                scope.spawn(|| part.iter().map(both).collect::<Vec<_>>())
            })
            .collect();
        parts.into_iter().flat_map(|p| p.join().expect("rows")).collect()
    });
    let mut text = String::from("capture | tshark | explain\n");
    let mut totals: BTreeMap<(String, String), u32> = BTreeMap::new();
    for (name, theirs, ours) in &rows {
        for flag in theirs {
            *totals.entry(("tshark".into(), flag.clone())).or_default() += 1;
        }
        for what in ours {
            *totals.entry(("explain".into(), what.clone())).or_default() += 1;
        }
        if !theirs.is_empty() || !ours.is_empty() {
            let row = [name.clone(), theirs.join(", "), ours.join(", ")];
            text += &(row.join(" | ") + "\n");
        }
    }
    text += "\ncaptures in which it is found:\n";
    for ((who, what), count) in totals {
        text += &format!("{who:8} {count:4} {what}\n");
    }
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/explain-tshark.txt");
    if std::env::var_os("EXPLAIN_ACCEPT").is_some() {
        std::fs::write(&kept, &text).expect("written");
    }
    let wanted = std::fs::read_to_string(kept).expect("the kept table");
    assert_eq!(text, wanted, "EXPLAIN_ACCEPT=1 keeps it");
}

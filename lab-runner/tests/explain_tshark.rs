//! A second opinion on what is wrong: tshark's expert analysis of every
//! committed capture, ours and other software's, beside what `explain` names.
//! The table is kept; a change of either is a change of the table. Where only
//! one of them names a thing, its second half says why.

mod common;

use std::collections::{BTreeMap, BTreeSet};
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

/// What is the same thing in the words of either; the rest of what `explain`
/// names is nothing that tshark looks for.
const ALIKE: [(&[&str], &[&str]); 8] = [
    (
        &["retransmission", "fast_retransmission", "spurious_retransmission"],
        &[
            "retransmission by timer",
            "retransmission timeout",
            "tail loss probe",
            "fast retransmit",
            "needless retransmission",
            "SYN sent again",
            "SYN without an answer",
            "SYN-ACK sent again",
            "SYN-ACK without an answer",
            "peer vanished",
        ],
    ),
    (&["out_of_order"], &["reordered"]),
    (&["lost_segment", "ack_lost_segment"], &["the capture missed packets"]),
    (&["duplicate_ack"], &["duplicate ACKs"]),
    (&["window_full"], &["window full"]),
    (&["zero_window"], &["zero window"]),
    (&["keep_alive", "keep_alive_ack"], &["keepalive", "keepalive unanswered"]),
    (&["reused_ports"], &["port used again"]),
];

/// Where the kept table's second half begins.
const BY_HAND: &str = "why only one of them names it";

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
            // Other kernels' traces differ in their windows only.
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

/// Every capture as one file of each kind of link, so that tshark starts a few
/// times, not two hundred: the addresses' first bytes become the capture's
/// number, which keeps their connections apart.
struct Merged {
    bytes: Vec<u8>,
    /// Whose packet it is, packet by packet.
    of: Vec<usize>,
}

/// Header and link type of a file -> all such files.
fn merged(all: &[(String, PathBuf)]) -> Vec<Merged> {
    let mut files: BTreeMap<Vec<u8>, Merged> = BTreeMap::new();
    for (capture, (name, path)) in all.iter().enumerate() {
        let bytes = std::fs::read(path).expect("a capture");
        let (magic, link) = (&bytes[..4], &bytes[20..24]);
        let kind = [magic, link].concat();
        let into = files.entry(kind).or_insert_with(|| {
            let mut header = bytes[..24].to_vec();
            header[16..20].copy_from_slice(&(1u32 << 18).to_le_bytes());
            Merged { bytes: header, of: Vec::new() }
        });
        let number = |at: usize| {
            let four: [u8; 4] = bytes[at..at + 4].try_into().expect("four");
            u32::from_le_bytes(four) as usize
        };
        let mut at = 24;
        while at + 16 <= bytes.len() {
            let end = at + 16 + number(at + 8);
            let mut packet = bytes[at..end].to_vec();
            let ip = 16 + if number(20) == 1 { 14 } else { 20 };
            readdress(&mut packet[ip..], capture as u16, name);
            into.bytes.extend(packet);
            into.of.push(capture);
            at = end;
        }
    }
    files.into_values().collect()
}

fn readdress(ip: &mut [u8], capture: u16, name: &str) {
    let addresses = match ip[0] >> 4 {
        4 => [12, 16],
        6 => [8, 24],
        0 | 8 | 15 => return, // ARP, LLDP and the like
        _ => panic!("{name}: not IP behind a plain header"),
    };
    for at in addresses {
        ip[at..at + 2].copy_from_slice(&(256 + capture).to_be_bytes());
    }
}

/// What tshark flags in each, each once.
fn tshark(all: &[(String, PathBuf)]) -> Vec<BTreeSet<String>> {
    let mut found = vec![BTreeSet::new(); all.len()];
    for merged in merged(all) {
        let mut file = tempfile::NamedTempFile::new().expect("a file");
        std::io::Write::write_all(&mut file, &merged.bytes).expect("written");
        let mut command = Command::new("tshark");
        command.args(["-n", "-T", "fields", "-Y", "tcp.analysis.flags"]);
        command.args(["-e", "frame.number"]);
        for flag in FLAGS {
            command.args(["-e", &format!("tcp.analysis.{flag}")]);
        }
        command.arg("-r").arg(file.path());
        let output = command.output().expect("tshark: apt-get install tshark");
        assert!(output.status.success(), "{output:?}");
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let (number, values) = line.split_once('\t').expect("a number");
            let number: usize = number.parse().expect("a number");
            let flags = &mut found[merged.of[number - 1]];
            for (value, flag) in values.split('\t').zip(FLAGS) {
                if !value.is_empty() {
                    flags.insert(flag.to_string());
                }
            }
        }
    }
    found
}

fn ours(path: &Path) -> BTreeSet<String> {
    let said = run(runner().arg("explain").arg(path).arg("--json"));
    assert_eq!(said.code, 0, "{}", said.all());
    let answer = said.json().remove(0);
    let connections = answer["connections"].as_array().expect("a list");
    let wrong =
        connections.iter().flat_map(|c| c["wrong"].as_array().expect("a list"));
    wrong
        .map(|w| w["what"].as_str().expect("a name").to_string())
        .filter(|what| what != "checksums not yet computed")
        .collect()
}

/// Where only one of the two names a thing, as `capture, who, what`.
fn differences(
    name: &str,
    theirs: &BTreeSet<String>,
    ours: &BTreeSet<String>,
) -> Vec<String> {
    let mut all = Vec::new();
    for (flags, names) in ALIKE {
        let they = theirs.iter().any(|flag| flags.contains(&flag.as_str()));
        let we = ours.iter().any(|what| names.contains(&what.as_str()));
        match (they, we) {
            (true, false) => all.push(format!("{name} tshark: {}", flags[0])),
            (false, true) => all.push(format!("{name} explain: {}", flags[0])),
            _ => {}
        }
    }
    all
}

/// Each difference has one cause, and each cause is one of a difference.
fn are_explained(differences: &BTreeSet<String>, causes: &str) {
    let mut known = BTreeSet::new();
    for line in causes.lines().filter(|line| line.starts_with("  ")) {
        let (what, captures) = line.trim().split_once(" in ").expect("in");
        for capture in captures.split(", ") {
            let new = known.insert(format!("{capture} {what}"));
            assert!(new, "twice: {line}");
        }
    }
    let without: Vec<_> = differences.difference(&known).collect();
    assert!(without.is_empty(), "no cause is given for: {without:#?}");
    let gone: Vec<_> = known.difference(differences).collect();
    assert!(gone.is_empty(), "they do not differ here: {gone:#?}");
}

#[test]
fn what_tshark_finds_and_what_explain_finds() {
    let all = captures();
    let theirs = tshark(&all);
    let mut text = String::from("capture | tshark | explain\n");
    let mut totals: BTreeMap<(&str, String), u32> = BTreeMap::new();
    let mut differ = BTreeSet::new();
    for ((name, path), theirs) in all.iter().zip(&theirs) {
        let ours = ours(path);
        for (who, found) in [("tshark", theirs), ("explain", &ours)] {
            for what in found {
                *totals.entry((who, what.clone())).or_default() += 1;
            }
        }
        if !theirs.is_empty() || !ours.is_empty() {
            let list = |of: &BTreeSet<String>| {
                of.iter().cloned().collect::<Vec<_>>().join(", ")
            };
            text += &format!("{name} | {} | {}\n", list(theirs), list(&ours));
        }
        differ.extend(differences(name, theirs, &ours));
    }
    text += "\ncaptures in which it is found:\n";
    for ((who, what), count) in totals {
        text += &format!("{who:8} {count:4} {what}\n");
    }
    text += "\n";
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/explain-tshark.txt");
    let old = std::fs::read_to_string(&kept).expect("the kept table");
    let (table, causes) = old.split_at(old.find(BY_HAND).expect(BY_HAND));
    if std::env::var_os("EXPLAIN_ACCEPT").is_some() {
        std::fs::write(&kept, text + causes).expect("written");
    } else {
        assert_eq!(text, table, "EXPLAIN_ACCEPT=1 keeps it");
    }
    are_explained(&differ, causes);
}

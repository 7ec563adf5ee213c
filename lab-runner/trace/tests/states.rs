//! The states that an observer infers from the segments, against those that
//! the kernels said they had: at every step that a committed run recorded, and
//! at the end of every run.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use lab_kit::ladder::states::states_at;
use lab_kit::{Evidence, Proto, Segment, Socket};
use lab_trace::{Seen, evidence, read};

/// Run, host, and what no observer of its connections' segments can know.
const UNKNOWABLE: [(&str, &str, &str); 21] = [
    ("ch01/challenge-lost", "client", "it had vanished without a segment"),
    ("ch01/linger2", "client", "a timer ends FIN-WAIT-2"),
    ("ch01/rst-numbers", "client", "its RSTs are forged in its name"),
    ("ch01/syn-ack-unanswered", "client", "it had vanished without a segment"),
    ("ch01/syn-ack-unanswered", "server", "it gave up after its last SYN ACK"),
    ("ch01/syn-again", "client", "it had vanished without a segment"),
    ("ch01/syn-unanswered", "new", "it gave up after its last SYN"),
    ("ch01/syn-unanswered", "old", "it gave up after its last SYN"),
    ("ch01/time-wait-server", "server", "the port was used again"),
    ("ch01/tw-bound", "client", "the port was used again"),
    ("ch01/tw-buckets", "client", "the kernel keeps so many TIME-WAITs only"),
    ("ch01/tw-reuse", "client", "the port was used again"),
    ("ch01/tw-reuse-matrix", "client", "a port was used again"),
    ("ch02/close-unsent", "client", "closed, its FIN waits behind data"),
    ("ch02/flow-control", "client", "a raw peer has no sockets"),
    ("ch02/linger-wait", "client", "closed, its FIN waits behind data"),
    ("ch02/orphan", "client", "it gave up after its last FIN"),
    ("ch03/busy-server", "server", "the ports were used again"),
    ("ch06/default-route", "client", "an ICMP error ended its connect()"),
    ("ch06/sequence-wraps", "client", "a raw peer has no sockets"),
    ("ch06/swapped-words", "client", "a raw peer has no sockets"),
];

/// All that a test looks at of a committed run.
struct Run {
    name: String,
    evidence: Evidence,
    /// Hosts of TCP with a kernel of their own: not two names of a loopback.
    hosts: Vec<String>,
}

fn accepted() -> Vec<PathBuf> {
    let labs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../labs");
    let folders = std::fs::read_dir(labs).unwrap().flatten();
    let kept = folders.map(|lab| lab.path().join("snapshots"));
    let files = kept.filter_map(|kept| std::fs::read_dir(kept).ok());
    let mut notes: Vec<PathBuf> = files
        .flatten()
        .flatten()
        .map(|file| file.path())
        .filter(|path| path.to_string_lossy().ends_with(".notes.json"))
        .collect();
    notes.sort();
    notes
}

fn run(notes: &Path) -> Run {
    let text = std::fs::read(notes).unwrap();
    let seen: Seen = serde_json::from_slice(&text).unwrap();
    let stem = notes.to_string_lossy().replace(".notes.json", "");
    let taps = 0..seen.taps.len();
    let frames = taps.map(|n| {
        read(Path::new(&format!("{stem}.{}", seen.ending(n)))).unwrap()
    });
    let frames: Vec<_> = frames.collect();
    let mut words = stem.rsplit('/');
    // `flow-control@6.1` is of the same experiment.
    let experiment = words.next().unwrap().split('@').next().unwrap();
    let lab = words.nth(1).unwrap().split('-').next().unwrap();
    let own = seen.ends.iter().filter(|end| end.mac != [0; 6]);
    let own: BTreeSet<&String> = own.map(|end| &end.host).collect();
    let evidence = evidence(&seen, &frames, false).unwrap();
    let segments = evidence.trace.segments.iter();
    let tcp = segments.filter(|s| s.proto == Proto::Tcp);
    let speak: BTreeSet<_> = tcp.flat_map(|s| [&s.from, &s.to]).collect();
    let hosts = own.intersection(&speak).map(|host| host.to_string()).collect();
    Run { name: format!("{lab}/{experiment}"), hosts, evidence }
}

/// What is inferred of a host's sockets, sorted; whether that is all of them.
fn inferred(run: &Run, host: &str, at: i64) -> (Vec<String>, bool) {
    let is_its = |s: &&Segment| s.from == host || s.to == host;
    let segments = run.evidence.trace.segments.iter();
    let past = segments.filter(|s| s.at <= at).filter(is_its);
    let is_tcp = |s: &&Segment| s.proto == Proto::Tcp;
    let flows: BTreeSet<u32> = past.filter(is_tcp).map(|s| s.flow).collect();
    let known = states_at(&run.evidence, at);
    let of = |flow| known.get(flow).and_then(|states| states.get(host));
    let is_all = flows.iter().all(|flow| of(flow).is_some());
    let states = flows.iter().filter_map(of);
    let sockets = states.filter(|s| !["-", "LISTEN"].contains(&s.as_str()));
    let mut sockets: Vec<String> = sockets.cloned().collect();
    sockets.sort();
    (sockets, is_all)
}

/// Nothing false is said; and everything is, unless something is unknown.
fn agrees(says: &[String], is_all: bool, was: &[String]) -> bool {
    let mut rest = was.to_vec();
    let mut is_there = |state: &String| {
        let at = rest.iter().position(|s| s == state);
        at.map(|at| rest.remove(at)).is_some()
    };
    says.iter().all(&mut is_there) && (!is_all || rest.is_empty())
}

#[test]
fn inferred_states_are_those_that_the_kernels_had() {
    let mut wrong = BTreeSet::new();
    let (mut silent, mut compared) = (0, 0);
    let mut text = String::new();
    for path in accepted() {
        let run = run(&path);
        let mut compare = |host: &String, at, label: &str, was: Vec<String>| {
            let (says, is_all) = inferred(&run, host, at);
            compared += 1;
            silent += usize::from(!is_all);
            if !agrees(&says, is_all, &was) {
                wrong.insert((run.name.clone(), host.clone()));
                let name = &run.name;
                text += &format!(
                    "{name}, {label}, {host}: {says:?}, not {was:?}\n"
                );
            }
        };
        for host in &run.hosts {
            for step in &run.evidence.steps {
                let was = step.states.get(host).cloned().unwrap_or_default();
                compare(host, step.at, &step.label, was);
            }
            let left = run.evidence.left.get(host).into_iter().flatten();
            let is_connection = |s: &&Socket| s.state != "LISTEN";
            let left = left.filter(is_connection).map(|s| s.state.clone());
            compare(host, i64::MAX, "at the end", left.collect());
        }
    }
    let listed = UNKNOWABLE.map(|(run, host, _)| (run.into(), host.into()));
    assert_eq!(wrong, BTreeSet::from(listed), "{text}");
    assert!(compared > 500 && silent < 30, "{silent} of {compared} silent");
}

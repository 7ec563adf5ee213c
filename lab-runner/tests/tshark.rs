//! A second opinion: for every committed capture, what tshark decodes is what
//! our trace says.
//!
//! Our trace has each packet once, with when it left and when it arrived; a
//! capture has what passed one host. So each capture is compared with those
//! of our packets that its host sent or got, in that host's order.
//!
//! A 4-tuple that is used again is one connection more to us. tshark begins a
//! new stream in most such cases, but not in all (a SYN to a connection that
//! is open), and it counts from another ISN then. So absolute numbers are
//! compared always, relative ones where both count from the same ISN.

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use common::{root, run, runner};
use lab_kit::{Evidence, Opt, Proto, Segment};
use serde_json::Value;

const FIELDS: [&str; 15] = [
    "tcp.flags",
    "tcp.seq_raw",
    "tcp.ack_raw",
    "tcp.len",
    "tcp.seq",
    "tcp.ack",
    "tcp.option_kind",
    "tcp.options.mss_val",
    "tcp.options.wscale.shift",
    "tcp.checksum.status",
    "eth.src",
    "tcp.options.sack_le",
    "tcp.options.sack_re",
    "tcp.stream",
    "ip.proto",
];

/// tshark's opinion of one packet, a column for each field.
type Row = Vec<String>;

fn tshark(pcap: &Path) -> Vec<Row> {
    let mut command = Command::new("tshark");
    command.args(["-T", "fields", "-E", "occurrence=a", "-Y", "tcp"]);
    for option in ["tcp.check_checksum:TRUE", "tcp.desegment_tcp_streams:FALSE"]
    {
        command.args(["-o", option]);
    }
    command.args(FIELDS.iter().flat_map(|field| ["-e", field]));
    command.arg("-r").arg(pcap);
    let output = command.output().unwrap_or_else(|e| {
        panic!(
            "tshark: {e}. Install it: apt-get install tshark (or ./run test)"
        )
    });
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", pcap.display());
    let text = String::from_utf8_lossy(&output.stdout);
    let rows = text.lines().filter(|line| !line.is_empty());
    rows.map(|row| row.split('\t').map(String::from).collect()).collect()
}

/// An accepted trace: whose interfaces were captured, and what we make of it.
struct Accepted {
    name: String,
    /// Each capture's host and the other end, and tshark's rows of it.
    taps: Vec<([String; 2], Vec<Row>)>,
    evidence: Evidence,
}

fn accepted() -> &'static [Accepted] {
    static ALL: OnceLock<Vec<Accepted>> = OnceLock::new();
    ALL.get_or_init(read)
}

fn read() -> Vec<Accepted> {
    let said = run(runner().args(["recheck", "--json"]));
    let all: Vec<Value> = said.json();
    assert!(!all.is_empty(), "{}", said.all());
    let labs = std::fs::read_dir(root().join("labs")).expect("labs");
    let labs: Vec<PathBuf> = labs.flatten().map(|e| e.path()).collect();
    let one = |object: &Value| {
        let name = object["name"].as_str().expect("a name").to_string();
        let (chapter, _) = name.split_once('/').expect("ch05/x");
        let folder = labs.iter().find(|f| {
            let folder = f.file_name().unwrap_or_default().to_string_lossy();
            folder.starts_with(&format!("{chapter}-"))
        });
        let at = folder.expect("its folder").join("snapshots");
        let taps = object["taps"].as_array().expect("taps").iter().map(|tap| {
            let word = |key: &str| tap[key].as_str().expect(key).to_string();
            let ends = [word("host"), word("peer")];
            (ends, tshark(&at.join(word("file"))))
        });
        let evidence = object["evidence"].clone();
        Accepted {
            taps: taps.collect(),
            evidence: serde_json::from_value(evidence).expect("evidence"),
            name,
        }
    };
    // tshark takes longer to start than to decode.
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let share = all.len().div_ceil(cores * 2).max(1);
    let one = &one;
    std::thread::scope(|scope| {
        let shares: Vec<_> = all
            .chunks(share)
            .map(|part| {
                scope.spawn(|| part.iter().map(one).collect::<Vec<_>>())
            })
            .collect();
        let joined = shares.into_iter().map(|share| share.join());
        joined.flat_map(|part| part.expect("tshark's opinion")).collect()
    })
}

impl Accepted {
    /// What passed one host's interface, in its order.
    fn seen_at(&self, ends: &[String; 2]) -> Vec<&Segment> {
        // One of them may use an address of its own that no host is named by.
        let hosts = &self.evidence.trace.hosts;
        let here = |end: &String| ends.contains(end) || !hosts.contains(end);
        let ours = |s: &&Segment| {
            s.proto == Proto::Tcp && here(&s.from) && here(&s.to)
        };
        let mut seen: Vec<(i64, &Segment)> = self
            .evidence
            .trace
            .segments
            .iter()
            .filter(ours)
            .filter_map(|s| match s.from == ends[0] {
                true => Some((s.at, s)),
                false => s.arrived.map(|at| (at, s)),
            })
            .collect();
        seen.sort_by_key(|(at, _)| *at);
        seen.into_iter().map(|(_, s)| s).collect()
    }
}

fn number(text: &str) -> u32 {
    let hex = text.strip_prefix("0x");
    hex.map_or_else(|| text.parse(), |h| u32::from_str_radix(h, 16))
        .unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

/// The same in packetdrill's letters.
fn flags(row: &Row) -> String {
    lab_kit::Flags::from_bits(number(&row[0]) as u16).0
}

/// Option kinds without the padding, in their order.
fn kinds(row: &Row) -> Vec<u32> {
    let all = row[6].split(',').filter(|k| !k.is_empty());
    all.map(number).filter(|&kind| kind > 1).collect()
}

fn kind(option: &Opt) -> u32 {
    match option {
        Opt::Mss(_) => 2,
        Opt::Wscale(_) => 3,
        Opt::SackOk => 4,
        Opt::Sack(_) => 5,
        Opt::Ts => 8,
        Opt::FastOpen(_) => 34,
        Opt::Other(kind) => (*kind).into(),
    }
}

/// Every capture's packets beside tshark's rows, with a name for messages.
fn each(mut compare: impl FnMut(&Segment, &Row, &str)) {
    let mut compared = 0;
    for accepted in accepted() {
        for (ends, theirs) in &accepted.taps {
            let ours = accepted.seen_at(ends);
            let at = format!("{} at {}", accepted.name, ends[0]);
            assert_eq!(ours.len(), theirs.len(), "packets of {at}");
            for (n, (segment, row)) in ours.iter().zip(theirs).enumerate() {
                compare(segment, row, &format!("{at}, packet {}", n + 1));
                compared += 1;
            }
        }
    }
    assert!(compared > 0, "nothing was compared");
}

#[test]
fn flags_and_lengths_are_the_same() {
    each(|ours, row, at| {
        assert_eq!(ours.flags.0, flags(row), "{at}");
        assert_eq!(ours.len, number(&row[3]), "{at}");
    });
}

#[test]
fn absolute_numbers_are_the_same() {
    each(|ours, row, at| {
        let theirs = (number(&row[1]), number(&row[2]));
        assert_eq!(ours.raw, theirs, "{at}");
    });
}

/// Whether ports are used by a second connection, or somebody sends two
/// different SYNs.
fn has_two_isns(segments: &[Segment]) -> bool {
    let syns = || segments.iter().filter(|s| s.flags.has('S'));
    let other = |s: &Segment| {
        syns().any(|t| {
            (t.flow, &t.from) == (s.flow, &s.from) && t.raw.0 != s.raw.0
        })
    };
    segments.iter().any(|s| s.flow > 1) || syns().any(other)
}

#[test]
fn relative_numbers_are_the_same_where_both_count_from_the_same_isn() {
    let reused: Vec<&String> = accepted()
        .iter()
        .filter(|a| has_two_isns(&a.evidence.trace.segments))
        .map(|a| &a.name)
        .collect();
    each(|ours, row, at| {
        let seq = i64::from(number(&row[4]));
        if seq != ours.seq && reused.iter().any(|name| at.starts_with(*name)) {
            return;
        }
        assert_eq!(ours.seq, seq, "{at}");
        // Of two ISNs in one conversation, tshark may count from the other.
        let base = |name: &&String| at.starts_with(name.as_str());
        if let Some(ack) = ours.ack
            && !reused.iter().any(base)
        {
            assert_eq!(ack, i64::from(number(&row[5])), "{at}");
        }
    });
}

#[test]
fn options_are_the_same() {
    each(|ours, row, at| {
        let own: Vec<u32> = ours.options.iter().map(kind).collect();
        assert_eq!(own, kinds(row), "{at}");
        for option in &ours.options {
            match option {
                Opt::Mss(n) => assert_eq!(n.to_string(), row[7], "{at}"),
                Opt::Wscale(n) => assert_eq!(n.to_string(), row[8], "{at}"),
                Opt::Sack(ranges) => {
                    let edges = row[11].split(',').count();
                    assert_eq!(ranges.len(), edges, "{at}");
                }
                _ => {}
            }
        }
    });
}

#[test]
fn checksums_are_wrong_where_both_say_so() {
    each(|ours, row, at| {
        // On lo, which alone has no MACs, nobody computes one. 1: good.
        let on_lo = row[10] == "00:00:00:00:00:00";
        let good = on_lo || row[9] == "1";
        // What the wire damaged was right where it left.
        let bad = ours.bad_checksum || ours.damaged && !good;
        assert_eq!(bad, !good, "{at}: tshark says {}", row[9]);
    });
}

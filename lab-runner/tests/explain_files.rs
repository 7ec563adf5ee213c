//! `explain` on files that nobody promises anything of: every link, cut at
//! every byte, hostile, long.

mod common;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{root, run, runner};
use serde_json::Value;

const SMALL: &str = "labs/ch05-delayed-ack/snapshots/header-body.pcap";

/// What a capture in memory is explained as.
fn piped(bytes: &[u8]) -> (i32, Option<Value>, String) {
    let mut child = runner()
        .args(["explain", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the runner");
    // It may have seen enough before the end.
    let _ = child.stdin.take().expect("a pipe").write_all(bytes);
    let output = child.wait_with_output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap_or(-1);
    (code, serde_json::from_str(&text).ok(), errors)
}

fn names(answer: &Value) -> Vec<String> {
    let wrong = answer["connections"].as_array().into_iter().flatten();
    wrong
        .flat_map(|c| c["wrong"].as_array().cloned().unwrap_or_default())
        .map(|w| w["what"].as_str().unwrap_or_default().to_string())
        .collect()
}

/// Stamp, bytes, length on the wire, of each frame of a pcap of ours.
fn frames(file: &str) -> Vec<(i64, Vec<u8>, u32)> {
    let bytes = std::fs::read(root().join(file)).expect("a capture");
    let mut all = Vec::new();
    lab_trace::reader::frames(&bytes[..], &mut |f| {
        all.push((f.at, f.bytes.to_vec(), f.len));
        Ok(())
    })
    .expect("frames");
    all
}

/// A pcap with microseconds.
fn pcap(link: u32, frames: &[(i64, Vec<u8>, u32)]) -> Vec<u8> {
    let mut file = Vec::new();
    file.extend(0xa1b2_3c4du32.to_le_bytes());
    file.extend([2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 4, 0]);
    file.extend(link.to_le_bytes());
    for (at, bytes, len) in frames {
        let (seconds, rest) = (at / 1_000_000_000, at % 1_000_000_000);
        for word in [seconds as u32, rest as u32, bytes.len() as u32, *len] {
            file.extend(word.to_le_bytes());
        }
        file.extend(bytes);
    }
    file
}

/// Puts another link's header before each packet.
fn relinked(link: u32, head: &[u8]) -> Vec<u8> {
    let ours = frames(SMALL);
    let other = ours.iter().map(|(at, bytes, len)| {
        let bytes = [head, &bytes[14..]].concat();
        (*at, bytes, len - 14 + head.len() as u32)
    });
    pcap(link, &other.collect::<Vec<_>>())
}

#[test]
fn every_link_gives_the_same() {
    let mac = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1];
    let cooked = [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0];
    let second = [8, 0, 0, 0, 0, 0, 0, 2, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0];
    let vlan = [&mac[..], &[0x81, 0, 0, 5, 8, 0]].concat();
    let two = [&mac[..], &[0x88, 0xa8, 0, 5, 0x81, 0, 0, 6, 8, 0]].concat();
    let links: [(u32, &[u8]); 9] = [
        (1, &vlan),
        (1, &two),
        (113, &cooked),
        (276, &second),
        (12, &[]),
        (101, &[]),
        (228, &[]),
        (0, &[2, 0, 0, 0]),
        (108, &[0, 0, 0, 2]),
    ];
    for (link, head) in links {
        let (code, answer, errors) = piped(&relinked(link, head));
        assert_eq!(code, 0, "{link}: {errors}");
        let found = names(&answer.expect("JSON"));
        assert_eq!(found, ["delayed ACK and Nagle"], "{link}");
    }
    let (code, answer, _) = piped(&relinked(147, &[]));
    let answer = answer.expect("JSON");
    assert_eq!((code, &answer["count"]), (0, &Value::from(0)));
    assert!(answer["notes"][0].as_str().unwrap().contains("link type 147"));
}

#[test]
fn cut_anywhere_it_is_explained_as_far_as_it_goes() {
    let whole = std::fs::read(root().join(SMALL)).expect("a capture");
    for cut in (0..whole.len()).step_by(3) {
        let (code, answer, errors) = piped(&whole[..cut]);
        match cut < 24 {
            true => assert_eq!(code, 2, "{cut}: {errors}"),
            false => {
                let answer = answer.unwrap_or_else(|| panic!("{cut}"));
                let cut_in_two = !answer["truncated"].is_null();
                let said = answer["notes"].to_string();
                assert_eq!(cut_in_two, said.contains("breaks off"), "{cut}");
            }
        }
    }
}

#[test]
fn packets_that_were_cut_tell_what_their_headers_tell() {
    let snapped = |most: usize| {
        let mut all = frames(SMALL);
        all.iter_mut().for_each(|f| f.1.truncate(most));
        let (code, answer, errors) = piped(&pcap(1, &all));
        assert_eq!(code, 0, "{errors}");
        answer.expect("JSON")
    };
    assert_eq!(names(&snapped(66)), ["delayed ACK and Nagle"]);
    assert_eq!(names(&snapped(54)), ["delayed ACK and Nagle"]);
    let too_short = snapped(40);
    let said = too_short["notes"].to_string();
    assert!(said.contains("longer snap length"), "{said}");
    assert_eq!(too_short["count"], 0);
    let (code, answer, _) = piped(&pcap(1, &frames(SMALL)[..1]));
    assert_eq!((code, &answer.expect("JSON")["packets"]), (0, &1.into()));
    let (code, answer, _) = piped(&pcap(1, &[]));
    assert_eq!((code, &answer.expect("JSON")["packets"]), (0, &0.into()));
}

#[test]
fn a_payload_commands_no_terminal() {
    let mut all = frames(SMALL);
    for (_, bytes, _) in &mut all {
        if bytes.len() > 66 {
            let end = bytes.len();
            bytes[66..end].fill(0x1b);
        }
    }
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), pcap(1, &all)).expect("written");
    let said = run(runner().arg("explain").arg(file.path()).arg("--all"));
    assert_eq!(said.code, 0, "{}", said.all());
    assert!(!said.all().contains('\x1b'), "{}", said.all());
}

/// Many short connections and one that never ends, as a stream: `size` bytes
/// in all. One of a thousand is refused.
fn traffic(size: usize, out: &mut dyn Write) -> std::io::Result<u64> {
    let mut head = pcap(101, &[]);
    head[..4].copy_from_slice(&0xa1b2_3c4du32.to_le_bytes());
    out.write_all(&head)?;
    let (mut written, mut n) = (head.len(), 0u64);
    let mut block = Vec::with_capacity(1 << 20);
    while written < size {
        let round = n / 8;
        let is_last = round.is_multiple_of(1000);
        let (flags, data): (u8, usize) = match (n % 8, is_last) {
            (0, _) => (2, 0),
            (1, true) => (0x14, 0),
            (1, false) => (0x12, 0),
            (3, _) => (0x18, 600),
            (5, _) => (0x11, 0),
            (6, _) => (0x11, 0),
            _ => (0x10, 0),
        };
        let from_client = [true, false, true, true, false, true, false, true];
        let client = from_client[(n % 8) as usize];
        let (seq, ack): (u32, u32) = match n % 8 {
            0 => (100, 0),
            1 => (900, 101),
            2 | 3 => (101, 901),
            4 => (901, 701),
            5 => (701, 901),
            6 => (901, 702),
            _ => (702, 902),
        };
        let port = 1024 + (round % 60_000) as u16;
        let host = (round / 60_000) as u8;
        let ends = [[198, 51, 100, host], [192, 0, 2, 2]];
        let total = (40 + data) as u16;
        let stamp = n * 10_000;
        let len = u32::from(total);
        for word in [
            (stamp / 1_000_000_000) as u32,
            (stamp % 1_000_000_000) as u32,
            len,
            len,
        ] {
            block.extend(word.to_le_bytes());
        }
        block.extend([0x45, 0]);
        block.extend(total.to_be_bytes());
        block.extend([0, 0, 0x40, 0, 64, 6, 0, 0]);
        block.extend(ends[usize::from(!client)]);
        block.extend(ends[usize::from(client)]);
        let ports = [port, 7000];
        block.extend(ports[usize::from(!client)].to_be_bytes());
        block.extend(ports[usize::from(client)].to_be_bytes());
        block.extend(seq.to_be_bytes());
        block.extend(ack.to_be_bytes());
        block.extend([0x50, flags, 0x40, 0, 0, 0, 0, 0]);
        block.resize(block.len() + data, b'x');
        n += 1;
        if block.len() > 1 << 19 {
            out.write_all(&block)?;
            written += block.len();
            block.clear();
        }
    }
    out.write_all(&block)?;
    Ok(n)
}

/// Explains so much and says how: packets, seconds, peak of its memory in kB.
fn measured(size: usize) -> (Value, f64, i64) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let mut out = std::io::BufWriter::new(file.as_file());
    traffic(size, &mut out).expect("written");
    drop(out);
    let began = std::time::Instant::now();
    let said = time_of(runner().args(["explain", "--json"]).arg(file.path()));
    let took = began.elapsed().as_secs_f64();
    (serde_json::from_str(&said.0).expect("JSON"), took, said.1)
}

/// Standard output, and the peak of its memory in kB as the kernel counted it.
#[expect(clippy::zombie_processes, reason = "wait4 also tells its memory")]
fn time_of(command: &mut Command) -> (String, i64) {
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the runner");
    let mut text = String::new();
    let mut out = child.stdout.take().expect("a pipe");
    std::io::Read::read_to_string(&mut out, &mut text).expect("text");
    // SAFETY: rusage is plain integers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let mut status = 0;
    // SAFETY: both are ours, and the child is not reaped by anybody else.
    let reaped = unsafe {
        libc::wait4(child.id() as i32, &raw mut status, 0, &raw mut usage)
    };
    assert_eq!((reaped, status), (child.id() as i32, 0));
    (text, usage.ru_maxrss)
}

#[test]
fn a_long_file_takes_no_more_memory_than_what_is_open_in_it() {
    let (answer, took, peak) = measured(50 << 20);
    let packets = answer["packets"].as_u64().expect("a number");
    eprintln!("{:.0} packets a second, {peak} kB", packets as f64 / took);
    assert!(peak < 160 << 10, "{peak} kB");
    assert!(names(&answer).contains(&"connection refused".to_string()));
}

#[test]
#[ignore = "a minute, and 1 GB of disk: scripts/explain-long"]
fn a_gigabyte_takes_no_more_either() {
    let (answer, took, peak) = measured(1 << 30);
    let packets = answer["packets"].as_u64().expect("a number");
    eprintln!("{:.0} packets a second, {peak} kB", packets as f64 / took);
    assert!(peak < 256 << 10, "{peak} kB");
}

#[test]
fn captures_of_other_software_are_explained() {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures");
    let mut total = 0;
    let mut told = String::new();
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("captures")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|e| e == "pcap"))
        .collect();
    files.sort();
    for path in &files {
        total += path.metadata().expect("a file").len();
        let said = run(runner().arg("explain").arg(path).arg("--json"));
        assert_eq!(said.code, 0, "{}", said.all());
        let mut found = names(&said.json()[0]);
        found.sort();
        found.dedup();
        let name = path.file_stem().unwrap().to_string_lossy();
        told += &format!("{name}: {}\n", found.join(", "));
    }
    assert!(total < 300_000, "{total} bytes");
    let kept = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/captures/found.txt");
    let wanted = std::fs::read_to_string(kept).expect("found.txt");
    assert_eq!(told, wanted);
}

/// With its TCP sequence number moved, and the checksum that goes with it.
fn moved(frame: &[u8], by: i32) -> Vec<u8> {
    let mut frame = frame.to_vec();
    let word = |frame: &[u8], at: usize| {
        u64::from(u16::from_be_bytes([frame[at], frame[at + 1]]))
    };
    let (seq, sum) = (14 + 20 + 4, 14 + 20 + 16);
    let old = [word(&frame, seq), word(&frame, seq + 2)];
    let number = (old[0] << 16 | old[1]) as u32;
    let new = number.wrapping_add_signed(by).to_be_bytes();
    frame[seq..seq + 4].copy_from_slice(&new);
    // RFC 1624: ~(~sum + ~old + new).
    let mut total = 0xffff ^ word(&frame, sum);
    for (n, old) in old.into_iter().enumerate() {
        total += (0xffff ^ old) + word(&frame, seq + 2 * n);
    }
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    let sum_bytes = (0xffff ^ total as u16).to_be_bytes();
    frame[sum..sum + 2].copy_from_slice(&sum_bytes);
    frame
}

/// Request and answer, then a probe each second, answered or not.
fn probed(answered: bool) -> Value {
    let mut all = frames(SMALL);
    all.truncate(7);
    let [probe, answer] = [moved(&all[6].1, -1), moved(&all[4].1, 10)];
    let last = all[6].0;
    for second in 1..5 {
        let at = last + second * 1_000_000_000;
        all.push((at, probe.clone(), probe.len() as u32));
        if answered {
            all.push((at + 50_000, answer.clone(), answer.len() as u32));
        }
    }
    let (code, found, errors) = piped(&pcap(1, &all));
    assert_eq!(code, 0, "{errors}");
    found.expect("JSON")["connections"][0]["wrong"].clone()
}

#[test]
fn keepalive_probes_are_a_note_until_nobody_answers() {
    let wrong = probed(true);
    assert_eq!(wrong.as_array().expect("a list").len(), 1, "{wrong}");
    assert_eq!(
        (&wrong[0]["what"], &wrong[0]["severity"]),
        (&"keepalive".into(), &"note".into())
    );
    assert_eq!(wrong[0]["packets"], serde_json::json!([8, 10, 12, 14]));
    assert!(wrong[0]["sentence"].as_str().unwrap().contains("4 times"));
    let wrong = probed(false);
    assert_eq!(wrong.as_array().expect("a list").len(), 1, "{wrong}");
    assert_eq!(wrong[0]["what"], "keepalive unanswered");
    assert_eq!(wrong[0]["severity"], "broken");
}

/// A RST ahead of its number counts, unless something after it says otherwise.
#[test]
fn a_reset_is_doubted_only_on_evidence() {
    let file = "labs/ch01-handshake-and-teardown/snapshots/rst-numbers.pcap";
    let reset = "reset: the other end doesn't know the connection";
    let (ignored, challenged) =
        ("RST that does not count", "RST answered by a challenge ACK");
    let told: [(usize, &[&str]); 4] = [
        (8, &[reset]),
        (9, &[reset, ignored]),
        (10, &[challenged, ignored]),
        (11, &[reset, challenged, ignored]),
    ];
    for (packets, wanted) in told {
        let cut = pcap(1, &frames(file)[..packets]);
        let (_, answer, errors) = piped(&cut);
        let found = names(&answer.unwrap_or_else(|| panic!("{errors}")));
        assert_eq!(found, wanted, "{packets} packets");
    }
}

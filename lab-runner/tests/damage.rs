//! Damaged files and a machine that lacks something are met with exit 2 and a
//! sentence that names the file or the lack.

mod common;

use std::fs;
use std::process::Command;

use common::{Project, Said, fixture, run};

/// An accepted trace whose file was then changed.
fn damaged(name: &str, change: impl Fn(Vec<u8>) -> Vec<u8>) -> Said {
    let project = fixture("ch92-wire");
    project.accept("ch92 drop");
    project.only("drop");
    let path = project.kept(name);
    let bytes = fs::read(&path).expect("accepted");
    fs::write(&path, change(bytes)).expect("write");
    project.run("recheck ch92")
}

#[test]
fn an_undamaged_trace_is_judged() {
    let said = damaged("drop.snap", |bytes| bytes);
    assert_eq!(said.code, 0, "{}", said.all());
}

#[test]
fn a_truncated_capture_is_told_by_where_it_breaks_off() {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 7].to_vec();
    damaged("drop.pcap", cut).could_not(&["breaks off after", "drop.pcap"]);
}

#[test]
fn a_capture_of_another_link_type_is_refused_by_name() {
    let raw_ip = |mut bytes: Vec<u8>| {
        bytes[20..24].copy_from_slice(&101u32.to_ne_bytes());
        bytes
    };
    damaged("drop.pcap", raw_ip).could_not(&["a capture of RAW", "drop.pcap"]);
}

#[test]
fn what_is_no_capture_is_refused() {
    let words = ["can't be read as a capture", "drop.server.pcap"];
    damaged("drop.server.pcap", |_| b"lorem ipsum".into()).could_not(&words);
    let pcapng = |_| [&[0x0a, 0x0d, 0x0d, 0x0a][..], &[0xff; 60]].concat();
    damaged("drop.server.pcap", pcapng).could_not(&words);
}

#[test]
fn notes_that_are_not_ours_are_refused() {
    damaged("drop.notes.json", |_| b"{}".into())
        .could_not(&["drop.notes.json holds no notes of ours"]);
}

#[test]
fn newer_notes_are_refused_by_their_version() {
    let newer = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).expect("JSON");
        text.replacen("\"format\": 1", "\"format\": 99", 1).into()
    };
    damaged("drop.notes.json", newer).could_not(&["format 99", "newer"]);
}

#[test]
fn a_snapshot_without_front_matter_is_refused() {
    damaged("drop.snap", |_| b"client > server S\n".into())
        .could_not(&["drop.snap is no snapshot"]);
}

#[test]
fn a_snapshot_in_another_notation_is_refused_by_its_line() {
    let foreign = "---\nsource: x\n---\n12:00:00 IP a > b: Flags [S]\n";
    damaged("drop.snap", |_| foreign.into())
        .could_not(&["drop.snap", "line 1 is not ours"]);
}

/// Runs shell words where mounting is allowed and nobody else sees it.
fn in_a_mount_namespace(project: &Project, script: &str) -> Said {
    let mut unshare = Command::new("unshare");
    let root = nix::unistd::geteuid().is_root();
    unshare.args(if root { ["-m"].as_slice() } else { &["-Urm"] });
    unshare.args(["sh", "-c", script]);
    let own = project.runner();
    for (key, value) in own.get_envs() {
        match value {
            Some(value) => unshare.env(key, value),
            None => unshare.env_remove(key),
        };
    }
    unshare.env("RUNNER", own.get_program());
    run(unshare.env_remove("CI").current_dir(project.dir.path()))
}

const FULL: &str = "mount -t tmpfs -o size=16k none DIR && \
                    (head -c 100000 /dev/zero > DIR/ballast 2>/dev/null; \
                    truncate -s 12288 DIR/ballast; ";

fn full(project: &Project, dir: &str, command: &str) -> Said {
    let list = "code=$?; ls -A DIR; exit $code)";
    let script = format!("{FULL}$RUNNER {command}; {list}");
    in_a_mount_namespace(project, &script.replace("DIR", dir))
}

#[test]
fn accepting_on_a_full_disk_leaves_no_file_and_says_so() {
    let project = fixture("ch92-wire");
    let dir = project.kept("");
    fs::create_dir_all(&dir).unwrap();
    let dir = dir.display().to_string();
    let said = full(&project, &dir, "accept ch92 drop --yes");
    said.could_not(&["No space left on device", "write "]);
    assert!(said.out.ends_with("ballast\n"), "{}", said.all());
    assert!(!said.out.contains("drop.snap\n"), "{}", said.all());
    assert!(!said.out.contains("\ndrop."), "{}", said.all());
}

#[test]
fn saving_packets_on_a_full_disk_leaves_no_file_and_is_not_success() {
    let project = fixture("ch92-wire");
    let dir = project.path("packets");
    fs::create_dir_all(&dir).unwrap();
    let dir = dir.display().to_string();
    let words =
        format!("ch92 rate --set client:net.ipv4.tcp_sack=1 --pcap {dir}");
    let said = full(&project, &dir, &words);
    said.could_not(&["No space left on device", "ch92-rate.pcapng"]);
    assert!(said.out.ends_with("ballast\n"), "{}", said.all());
}

#[test]
fn without_proc_a_run_says_so_and_doctor_too() {
    let project = fixture("ch92-wire");
    let hide = "mount -t tmpfs none /proc && $RUNNER";
    let said = in_a_mount_namespace(&project, &format!("{hide} ch92 drop"));
    said.could_not(&["/proc"]);
    let said = in_a_mount_namespace(&project, &format!("{hide} doctor"));
    said.could_not(&["/proc"]);
}

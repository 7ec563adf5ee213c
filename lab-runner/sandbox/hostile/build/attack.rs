//! What each stage of a hostile build tries. The comments are those of
//! `../src/main.rs`; what came of it goes to a file that the grader takes out.

use std::env::var;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const ATTACKS: [(&str, fn(&Say)); 7] = [
    ("read_secrets", read_secrets),
    ("write_grades", write_grades),
    ("network", network),
    ("poison_registry", poison_registry),
    ("change_toolchain", change_toolchain),
    ("change_sources", change_sources),
    ("leave_daemon", leave_daemon),
];

pub(crate) struct Say {
    stage: &'static str,
    attack: &'static str,
}

impl Say {
    fn attempt<T>(&self, what: &str, result: io::Result<T>) {
        let Say { stage, attack } = self;
        let line = match result {
            Ok(_) => format!("{stage} {attack} HIT {what}\n"),
            Err(error) => format!("{stage} {attack} NO {what}: {error}\n"),
        };
        let report = OpenOptions::new()
            .create(true)
            .append(true)
            .open(setting("LAB_REPORT"));
        let _ = report.and_then(|mut file| file.write_all(line.as_bytes()));
    }
}

pub(crate) fn all(stage: &'static str) {
    for (attack, act) in ATTACKS {
        act(&Say { stage, attack });
    }
}

fn setting(name: &str) -> PathBuf {
    var(name).unwrap_or_default().into()
}

fn append(path: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    file.write_all(b"// mallory\n")
}

/// What the grader keeps for itself, by all its names.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn read_secrets(say: &Say) {
    let folder = setting("LAB_FOLDER");
    for name in ["key/answer.txt", "grades.csv"] {
        let path = folder.join(name);
        say.attempt(name, fs::read(&path));
        let around = PathBuf::from(format!("/proc/1/root{}", path.display()));
        say.attempt("around", fs::read(around));
    }
    say.attempt("others", fs::read_dir(folder.join("submissions")));
    say.attempt("shadow", fs::read("/etc/shadow").or(fs::read("/root/.ssh")));
}

/// A better mark.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn write_grades(say: &Say) {
    let path = setting("LAB_FOLDER").join("grades.csv");
    say.attempt("grades", append(&path));
}

/// Somebody to tell, and more code.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn network(say: &Say) {
    for address in ["10.77.0.2:7000", "127.0.0.1:7001", "192.0.2.1:443"] {
        let address = address.parse().expect("an address");
        let patience = std::time::Duration::from_millis(200);
        let stream = TcpStream::connect_timeout(&address, patience);
        say.attempt(&address.to_string(), stream);
    }
    let runner = SocketAddr::from_abstract_name(b"lab-runner");
    let runner = runner.and_then(|name| UnixStream::connect_addr(&name));
    say.attempt("the runner", runner);
}

/// Sources that the next one is built with.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn poison_registry(say: &Say) {
    let home = setting("CARGO_HOME");
    for name in ["registry/src/poison.rs", "config.toml", "bin/rustc"] {
        say.attempt(name, append(&home.join(name)));
    }
}

/// The compiler that the next one is built by.
/// EXPECT: refused
/// BARE: no: it is this machine's
pub(crate) fn change_toolchain(say: &Say) {
    if var("LAB_BARE").is_ok() {
        return;
    }
    let rustc = setting("RUSTC");
    let rustc = if rustc.is_absolute() { rustc } else { "/rust/bin/rustc".into() };
    say.attempt("rustc", append(&rustc));
    say.attempt("beside it", append(&rustc.with_file_name("cargo-x")));
}

/// Its own sources, after they were looked at.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn change_sources(say: &Say) {
    let manifest = setting("LAB_SOURCES");
    say.attempt("sources", append(&manifest.join("src/main.rs")));
}

/// Somebody who waits for the next one.
/// EXPECT: harmless
/// BARE: left
pub(crate) fn leave_daemon(say: &Say) {
    let mut sleep = Command::new("sleep");
    sleep.arg("300").stdin(Stdio::null());
    sleep.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    say.attempt("daemon", sleep.spawn());
}

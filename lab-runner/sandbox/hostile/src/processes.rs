//! Other processes, and what is known of them.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use crate::attempt;
use crate::calls::{call, to};

/// The reference peer's process is called this.
const PEER: &str = "refpeer";
/// What pid 1 of the box tells its warden.
const FORGED: &[u8] = b"{\"Exited\":0}\n";

/// Everybody.
/// EXPECT: refused
/// BARE: broken
/// ALONE: would end the test
pub(crate) fn kill_all(_: &Path) {
    attempt("all", call(libc::SYS_kill, &[usize::MAX, 9]));
}

/// Who else is running.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn see_peer(_: &Path) {
    attempt("the peer", peer());
}

/// The program that it should talk to: its mind.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn trace_peer(_: &Path) {
    let traced = peer().and_then(|pid| {
        call(libc::SYS_ptrace, &[libc::PTRACE_ATTACH as usize, pid])
    });
    attempt("the peer", traced);
}

/// The same, to end it.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn kill_peer(_: &Path) {
    let killed = peer().and_then(|pid| call(libc::SYS_kill, &[pid, 9]));
    attempt("the peer", killed);
}

/// pid 1 of the box, if there is one.
fn parent() -> u32 {
    let named = std::env::var(crate::PARENT).ok();
    let named = named.and_then(|name| name.parse().ok());
    named.unwrap_or_else(std::os::unix::process::parent_id)
}

fn peer() -> io::Result<usize> {
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let name = name.to_string_lossy();
        let comm = fs::read_to_string(format!("/proc/{name}/comm"));
        if comm.is_ok_and(|comm| comm.trim() == PEER) {
            return name.parse().map_err(io::Error::other);
        }
    }
    Err(io::ErrorKind::NotFound.into())
}

/// Whoever started it, and process 1.
/// EXPECT: refused
/// BARE: no: that is the test
/// ALONE: would end the test
pub(crate) fn kill_parent(_: &Path) {
    let parent = parent();
    let killed =
        [parent, 1].map(|pid| call(libc::SYS_kill, &[pid as usize, 9]));
    let gone = std::os::unix::process::parent_id() != parent;
    let gone = if gone { Ok(()) } else { Err("it is there") };
    attempt("the parent", gone);
    println!("NO signals: {killed:?}");
}

/// Whoever started it: its memory.
/// EXPECT: refused
/// BARE: no: that is the test
pub(crate) fn trace_init(_: &Path) {
    let parent = parent() as usize;
    let memory = format!("/proc/{parent}/mem");
    attempt("its memory", OpenOptions::new().write(true).open(memory));
    let buffer = [0u8; 8];
    let (here, there) = ([to(&buffer), 8], [0x40_0000usize, 8]);
    let all = [parent, to(&here), 1, to(&there), 1, 0];
    let read = call(libc::SYS_process_vm_readv, &all);
    let allowed = match read {
        Err(error) if error.raw_os_error() == Some(libc::EFAULT) => Ok(0),
        other => other,
    };
    attempt("its memory by a call", allowed);
    let attach = libc::PTRACE_SEIZE as usize;
    attempt("its steps", call(libc::SYS_ptrace, &[attach, parent, 0, 0]));
}

/// A status of its own making, through what its parent has open.
/// EXPECT: refused; exits 3
/// BARE: hit
pub(crate) fn forge_through_parent(_: &Path) {
    let parent = parent();
    let mut opened = Err(io::ErrorKind::PermissionDenied.into());
    for number in 3..64 {
        let path = format!("/proc/{parent}/fd/{number}");
        let file = OpenOptions::new().write(true).open(path);
        if let Ok(mut file) = file {
            opened = file.write_all(FORGED);
        }
    }
    attempt("a descriptor of the parent's", opened);
    exit(3);
}

/// The same, through all that it has itself.
/// EXPECT: exits 3
/// BARE: no: nobody listens
/// ALONE: says nothing
pub(crate) fn forge_through_own(_: &Path) {
    for number in 0..64 {
        let all = [number, to(FORGED), FORGED.len()];
        let _ = call(libc::SYS_write, &all);
    }
    exit(3);
}

/// One of its parent's files.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn steal_descriptor(_: &Path) {
    let parent = parent() as usize;
    let mut stolen = Err(io::ErrorKind::NotFound.into());
    if let Ok(fd) = call(libc::SYS_pidfd_open, &[parent, 0]) {
        for number in 0..64 {
            let one = call(libc::SYS_pidfd_getfd, &[fd, number, 0]);
            if one.is_ok() || stolen.is_err() {
                stolen = one;
            }
        }
    }
    attempt("a descriptor of the parent's", stolen);
}

/// The program that started it, which is the grader's.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn grader_program(_: &Path) {
    let path = format!("/proc/{}/exe", parent());
    attempt("to read", fs::File::open(&path));
    attempt("to write", OpenOptions::new().write(true).open(&path));
}

/// A parent that may open no file is a parent that can't tell.
/// EXPECT: refused
/// BARE: no: that is the test
pub(crate) fn limit_parent(_: &Path) {
    let parent = parent() as usize;
    let none = [1u64, 1];
    let files = libc::RLIMIT_NOFILE as usize;
    let all = [parent, files, to(&none)];
    attempt("its files", call(libc::SYS_prlimit64, &all));
}

/// What somebody forgot to close.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn inherited_descriptors(_: &Path) {
    let open = (3..1024)
        .filter(|&fd| call(libc::SYS_fcntl, &[fd, 1]).is_ok())
        .map(|fd| fs::read_link(format!("/proc/self/fd/{fd}")));
    let open: Vec<_> = open.flatten().collect();
    let found = if open.is_empty() { Err("none") } else { Ok(()) };
    attempt(&format!("{open:?}"), found);
}

/// A token in a variable.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn secrets_in_environment(_: &Path) {
    attempt("the token", std::env::var("LAB_TOKEN"));
}

/// A code that a launcher might mean something by.
/// EXPECT: exits 125
/// BARE: no: it is no attack on anybody
/// ALONE: ends itself
pub(crate) fn exit_code(_: &Path) {
    exit(125);
}

/// Looks like a limit.
/// EXPECT: signal 9
/// BARE: no: it is no attack on anybody
/// ALONE: ends itself
pub(crate) fn kill_itself(_: &Path) {
    let _ = call(libc::SYS_kill, &[std::process::id() as usize, 9]);
}

/// Whatever a report might believe.
/// EXPECT: harmless
/// BARE: no: the report's tests have it
/// ALONE: harmless
pub(crate) fn fake_verdict(_: &Path) {
    let text = b"\x1b[2J\x1b[32mPASS\x1b[0m\n{\"verdict\":\"PASS\"}\n\
        </system-out><testcase name=\"x\"/>\n=HYPERLINK(\"http://x\")\n\
        <script>alert(1)</script>\n\x1b]0;owned\x07\xff\xfe\xe2\x80\xae\n";
    let _ = io::stdout().write_all(text);
}

/// Signals to all, as fast as it can.
/// EXPECT: harmless
/// BARE: no: that is the test
/// ALONE: would end the test
pub(crate) fn signal_storm(_: &Path) {
    for _ in 0..20_000 {
        let _ = call(libc::SYS_kill, &[usize::MAX, libc::SIGUSR1 as usize]);
    }
}

/// For the set-user-id copy of this program.
pub(crate) fn whoami() -> ExitCode {
    let (real, now) = (nix::unistd::getuid(), nix::unistd::geteuid());
    let other = if real != now { Ok(()) } else { Err("the same") };
    attempt(&format!("uid {now} for {real}"), other);
    ExitCode::SUCCESS
}

fn exit(code: i32) -> ! {
    let _ = io::stdout().flush();
    // SAFETY: nothing of ours has to run.
    unsafe { libc::_exit(code) }
}

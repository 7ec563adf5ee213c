//! What belongs to the grader, the machine, or others.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::attempt;
use crate::calls::{call, to};

/// Where the student's own folder is, inside.
const WORK: &str = "/work";

/// All names by which a file outside might be had.
fn names(path: &Path) -> Vec<PathBuf> {
    let plain = path.to_string_lossy();
    let before = [
        "",
        "/proc/1/root",
        "/proc/self/root/../../..",
        "/proc/self/cwd/../../..",
        "/.old",
        "/mnt",
        "/work/root",
    ];
    before.map(|before| PathBuf::from(format!("{before}{plain}"))).into()
}

/// The right answers; also through links that it planted.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn read_key(folder: &Path) {
    let mut paths = names(&folder.join("key/answer.txt"));
    paths.push(Path::new(WORK).join("answer"));
    for path in paths {
        attempt(&format!("{path:?}"), fs::read(&path));
    }
}

/// Its own mark.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn write_grade(folder: &Path) {
    let mut paths = names(&folder.join("grades.csv"));
    paths.push(Path::new(WORK).join("grades"));
    for path in paths {
        let file = OpenOptions::new().append(true).open(&path);
        let wrote = file.and_then(|mut file| {
            io::Write::write_all(&mut file, b"mallory,100\n")
        });
        attempt(&format!("{path:?}"), wrote);
    }
}

/// Who else there is.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn list_others(folder: &Path) {
    for path in [folder.join("submissions"), "/home".into(), "/root".into()] {
        attempt(&format!("{path:?}"), fs::read_dir(&path));
    }
}

/// The machine's programs, and its own.
/// EXPECT: refused
/// BARE: no: the machine's modes stop it
pub(crate) fn write_system(_: &Path) {
    for path in ["/usr/bin/lab-x", "/etc/lab-x", "/lab-x", "/box/x"] {
        attempt(
            path,
            OpenOptions::new().create_new(true).write(true).open(path),
        );
    }
    let own = OpenOptions::new().write(true).open("/box/hostile");
    attempt("its own program", own);
}

/// A program that belongs to somebody else.
/// EXPECT: refused
/// BARE: no: ids are not mapped
pub(crate) fn set_user_id(_: &Path) {
    match Command::new("/box/setuid").arg("whoami").output() {
        Ok(output) => print!("{}", String::from_utf8_lossy(&output.stdout)),
        Err(error) => println!("NO program: {error}"),
    }
}

/// One for whoever comes next.
/// EXPECT: harmless
/// BARE: hit
/// ALONE: harmless
pub(crate) fn make_set_user_id(_: &Path) {
    let path = format!("/tmp/lab-hostile-{}", std::process::id());
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o4755);
    let made =
        fs::write(&path, "x").and_then(|()| fs::set_permissions(&path, mode));
    attempt("set", made);
    let _ = fs::remove_file(&path);
}

/// A file without its name.
/// EXPECT: refused
/// BARE: no: asks for rights over the machine
pub(crate) fn handles(_: &Path) {
    let Ok(root) = File::open("/") else { return };
    let fd = std::os::fd::AsRawFd::as_raw_fd(&root) as usize;
    let handle = [8u32, 1, 2, 0];
    let opened = call(libc::SYS_open_by_handle_at, &[fd, to(&handle), 0]);
    attempt("inode 2", opened);
}

/// A disk of its own making.
/// EXPECT: refused
/// BARE: no: asks for rights over the machine
pub(crate) fn device_nodes(_: &Path) {
    let here = libc::AT_FDCWD as usize;
    for (path, mode, device) in
        [(c"/tmp/disk", 0o60600, 254 << 8), (c"/tmp/mem", 0o20600, 257)]
    {
        let path_at = to(path.to_bytes_with_nul());
        let made = call(libc::SYS_mknodat, &[here, path_at, mode, device]);
        attempt(&format!("{path:?}"), made);
    }
}

/// The machine's devices.
/// EXPECT: refused
/// BARE: hit, if there
pub(crate) fn devices(_: &Path) {
    for name in
        ["fuse", "kmsg", "kvm", "mem", "net/tun", "ptmx", "tty", "vda", "vsock"]
    {
        let path = format!("/dev/{name}");
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        attempt(&path, opened);
    }
}

/// For a grader that reads what was left for it.
/// EXPECT: harmless
/// BARE: no: who reads it has the tests
/// ALONE: harmless
pub(crate) fn plant_links(folder: &Path) {
    let work = Path::new(WORK);
    let link = |name, to: PathBuf| {
        let made = std::os::unix::fs::symlink(to, work.join(name));
        attempt(name, made);
    };
    link("planted-key", folder.join("key/answer.txt"));
    link("planted-grades", folder.join("grades.csv"));
    link("planted-up", "../../..".into());
}

/// Its own program under a name that it may write to.
/// EXPECT: refused
/// BARE: no: there is no such folder
pub(crate) fn hard_link(_: &Path) {
    let link = fs::hard_link("/box/hostile", Path::new(WORK).join("linked"));
    attempt("its own program", link);
}

/// A lock on a file that everybody is shown: whoever else locks it waits, or
/// hears from this box. So nothing that the runner locks may be shared.
/// EXPECT: harmless
/// BARE: hit, if there
/// ALONE: harmless
pub(crate) fn lock_shared(_: &Path) {
    let shared = File::open("/etc/ld.so.cache");
    let locked = shared.and_then(|file| {
        let fd = std::os::fd::AsRawFd::as_raw_fd(&file) as usize;
        let how = (libc::LOCK_EX | libc::LOCK_NB) as usize;
        call(libc::SYS_flock, &[fd, how])
    });
    attempt("/etc/ld.so.cache", locked);
}

/// How the network and the kernel behave.
/// EXPECT: refused
/// BARE: broken
pub(crate) fn kernel_settings(_: &Path) {
    for (path, value) in [
        ("/proc/sys/net/ipv4/tcp_timestamps", "0"),
        ("/proc/sys/net/ipv4/ip_forward", "1"),
        ("/proc/sys/net/ipv4/ping_group_range", "0 1"),
        ("/proc/sys/kernel/core_pattern", "|/tmp/x"),
        ("/proc/sys/user/max_user_namespaces", "100"),
        ("/proc/self/oom_score_adj", "-999"),
        ("/proc/sysrq-trigger", "h"),
    ] {
        attempt(path, fs::write(path, value));
    }
}

//! The kernel itself: namespaces, rights, and what it doesn't divide.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;

use nix::sched::CloneFlags;

use crate::attempt;
use crate::calls::{call, to};

/// A box in the box, where it would be root.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn nested_namespaces(_: &Path) {
    for flag in [
        CloneFlags::CLONE_NEWUSER,
        CloneFlags::CLONE_NEWNET,
        CloneFlags::CLONE_NEWNS,
    ] {
        let bits = flag.bits() as usize;
        let clone = |number, all: &[usize]| {
            call(number, all).inspect(|&pid| {
                if pid == 0 {
                    // SAFETY: nothing of ours has to run in the child.
                    unsafe { libc::_exit(0) }
                }
            })
        };
        let made = clone(libc::SYS_clone, &[bits | 17]);
        attempt(&format!("clone {flag:?}"), made);
        let all = [bits as u64, 0, 0, 0, 17, 0, 0, 0, 0, 0, 0];
        let made = clone(libc::SYS_clone3, &[to(&all), 88]);
        attempt(&format!("clone3 {flag:?}"), made);
        let made = call(libc::SYS_unshare, &[bits]);
        attempt(&format!("unshare {flag:?}"), made);
    }
}

/// Namespaces of others, and its own once more.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn enter_namespaces(_: &Path) {
    for path in ["/proc/1/ns/net", "/proc/1/ns/mnt", "/proc/1/root"] {
        attempt(path, File::open(path));
    }
    let entered = File::open("/proc/self/ns/net")
        .and_then(|own| call(libc::SYS_setns, &[own.as_raw_fd() as usize, 0]));
    attempt("its own", entered);
}

/// Other files under old names.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn mounts(_: &Path) {
    let (none, tmp) =
        (c"none".to_bytes_with_nul(), c"/tmp".to_bytes_with_nul());
    let kind = c"tmpfs".to_bytes_with_nul();
    let mount = [to(none), to(tmp), to(kind), 0, 0];
    attempt("mount", call(libc::SYS_mount, &mount));
    let root = c"/".to_bytes_with_nul();
    let again = (libc::MS_REMOUNT | libc::MS_BIND) as usize;
    let remount = [to(none), to(root), to(kind), again, 0];
    attempt("remount", call(libc::SYS_mount, &remount));
    let proc = c"/proc".to_bytes_with_nul();
    let detach = libc::MNT_DETACH as usize;
    attempt("umount", call(libc::SYS_umount2, &[to(proc), detach]));
    attempt("fsopen", call(libc::SYS_fsopen, &[to(kind), 0]));
    let here = libc::AT_FDCWD as usize;
    attempt("open_tree", call(libc::SYS_open_tree, &[here, to(root), 1]));
}

/// Another root.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn change_root(_: &Path) {
    let tmp = c"/tmp".to_bytes_with_nul();
    attempt("chroot", call(libc::SYS_chroot, &[to(tmp)]));
}

/// Rights that it doesn't have.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn capabilities(_: &Path) {
    let header = [0x2008_0522u32, 0];
    let all = [1u32 << 13, 1 << 13, 1 << 13, 0, 0, 0];
    attempt("capset", call(libc::SYS_capset, &[to(&header), to(&all)]));
    let raise = [libc::PR_CAP_AMBIENT as usize, 2, 13, 0, 0];
    attempt("ambient", call(libc::SYS_prctl, &raise));
    attempt("uid 0", call(libc::SYS_setuid, &[0]));
}

/// Keys, which no namespace divides.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn keyring(_: &Path) {
    let kind = c"user".to_bytes_with_nul();
    let name = c"lab".to_bytes_with_nul();
    let process = -2i32 as usize;
    let add = [to(kind), to(name), to(name), 3, process];
    attempt("add_key", call(libc::SYS_add_key, &add));
    attempt("keyctl", call(libc::SYS_keyctl, &[0, process, 1]));
}

/// System calls that no filter sees.
/// EXPECT: refused
/// BARE: hit, if there
pub(crate) fn io_uring(_: &Path) {
    let parameters = [0u64; 15];
    let made = call(libc::SYS_io_uring_setup, &[4, to(&parameters)]);
    attempt("io_uring", made);
}

/// Programs in the kernel, its counters, its page faults.
/// EXPECT: refused
/// BARE: no: asks for rights over the machine
pub(crate) fn kernel_interfaces(_: &Path) {
    let zeroes = [0u64; 16];
    attempt("bpf", call(libc::SYS_bpf, &[0, to(&zeroes), 72]));
    let perf = [to(&zeroes), 0, usize::MAX, usize::MAX, 0];
    attempt("perf", call(libc::SYS_perf_event_open, &perf));
    attempt("userfaultfd", call(libc::SYS_userfaultfd, &[0]));
    attempt("fanotify", call(libc::SYS_fanotify_init, &[0, 0]));
}

/// The machine.
/// EXPECT: refused
/// BARE: no: asks for rights over the machine
/// ALONE: asks for rights over the machine
pub(crate) fn machine(_: &Path) {
    let nothing = c"".to_bytes_with_nul();
    let module = [usize::MAX, to(nothing), 0];
    attempt("a module", call(libc::SYS_finit_module, &module));
    attempt("kexec", call(libc::SYS_kexec_load, &[0, 0, 0, 0]));
    let swap = c"/no/such/swap".to_bytes_with_nul();
    attempt("swap", call(libc::SYS_swapoff, &[to(swap)]));
    attempt("the kernel's log", call(libc::SYS_syslog, &[10, 0, 0]));
    let wrong = [0, 0, 0, 0];
    attempt("reboot", call(libc::SYS_reboot, &wrong));
}

/// Time.
/// EXPECT: refused
/// BARE: no: asks for rights over the machine
/// ALONE: asks for rights over the machine
pub(crate) fn clocks(_: &Path) {
    let now = [1u64, 0];
    attempt("set", call(libc::SYS_clock_settime, &[0, to(&now)]));
    attempt("set day", call(libc::SYS_settimeofday, &[to(&now), 0]));
    attempt("a time of its own", call(libc::SYS_unshare, &[0x80]));
}

/// The calls of a machine with 32 bits, which have other numbers.
/// EXPECT: signal 31
/// BARE: hit, if there
#[cfg(target_arch = "x86_64")]
pub(crate) fn calls_of_32_bits(_: &Path) {
    let answer: i64;
    // SAFETY: getpid of the i386 table, which has no side effect.
    unsafe {
        std::arch::asm!(
            "int 0x80", inlateout("rax") 20i64 => answer,
            out("r8") _, out("r9") _, out("r10") _, out("r11") _,
        );
    }
    let works = if answer > 0 { Ok(()) } else { Err("not in this kernel") };
    attempt("getpid", works);
}

/// The same numbers with a bit more.
/// EXPECT: refused
/// BARE: no: not in this kernel
pub(crate) fn x32_calls(_: &Path) {
    attempt("getpid", call(0x4000_0000 | 39, &[]));
}

/// Calls that are newer than the filter.
/// EXPECT: refused
/// BARE: no: there may be none
pub(crate) fn unknown_calls(_: &Path) {
    attempt("500", call(500, &[]));
    let (request, ids) = ([32u64, u64::MAX, 0, 0], [0u64; 8]);
    attempt("listmount", call(458, &[to(&request), to(&ids), 8, 0]));
}

/// Typing into somebody's terminal.
/// EXPECT: refused
/// BARE: no: there is no terminal
pub(crate) fn terminal(_: &Path) {
    let typed = b'x';
    for fd in 0..3 {
        let all = [fd, libc::TIOCSTI as usize, to(&typed)];
        attempt("type", call(libc::SYS_ioctl, &all));
    }
    attempt("/dev/tty", OpenOptions::new().write(true).open("/dev/tty"));
}

/// Memory where it can be guessed.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn personality(_: &Path) {
    attempt("no random", call(libc::SYS_personality, &[0x004_0000]));
}

/// The machine's name.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn host_name(_: &Path) {
    let name = b"owned";
    attempt("name", call(libc::SYS_sethostname, &[to(name), 5]));
}

/// A queue of messages: memory again.
/// EXPECT: refused
/// BARE: hit, if there
pub(crate) fn message_queue(_: &Path) {
    let name = c"lab".to_bytes_with_nul();
    let how = (libc::O_CREAT | libc::O_RDWR) as usize;
    attempt("queue", call(libc::SYS_mq_open, &[to(name), how, 0o600, 0]));
    let _ = call(libc::SYS_mq_unlink, &[to(name)]);
}

/// Memory that the grader shares with others, by its number.
/// EXPECT: refused
/// BARE: hit
pub(crate) fn foreign_ipc(_: &Path) {
    let found: io::Result<_> = call(libc::SYS_semget, &[0x7777, 1, 0]);
    attempt("semaphore", found);
}

//! More of everything than anybody should have.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

use nix::sys::socket::{
    AddressFamily, ControlMessage, MsgFlags, SockFlag, SockType, sendmsg,
    socketpair,
};
use nix::unistd::setsid;

use crate::calls::{call, in_child, map, rest, to};
use crate::{attempt, count, saw};

const MANY: usize = 300;
const MIB: usize = 1 << 20;

/// Forks until it may not; every child stays.
/// EXPECT: processes <= 32
/// BARE: processes >= 200
pub(crate) fn fork_bomb(_: &Path) {
    let (forked, _) = count(MANY, |_| in_child(|| rest()));
    saw("processes", forked);
}

/// All processes fork, again and again.
/// EXPECT: harmless
/// BARE: no: 4096 processes
/// ALONE: 4096 processes
pub(crate) fn doubling_fork(_: &Path) {
    let parent = std::process::id();
    for _ in 0..12 {
        let _ = in_child(|| {});
        // SAFETY: one thread.
        unsafe { libc::fork() };
    }
    if std::process::id() != parent {
        rest();
    }
}

/// The same, without an end: whoever dies is replaced.
/// LIMITS: wall 1
/// EXPECT: wall
/// BARE: no: for ever
/// ALONE: takes a second
pub(crate) fn fork_storm(_: &Path) {
    loop {
        // SAFETY: one thread.
        unsafe { libc::fork() };
    }
}

/// Threads until there are no more.
/// EXPECT: threads <= 32
/// BARE: threads >= 200
pub(crate) fn thread_bomb(_: &Path) {
    let (started, _) = count(MANY, |_| {
        std::thread::Builder::new().stack_size(16384).spawn(|| rest())
    });
    saw("threads", started);
}

/// Children that die and are not buried.
/// EXPECT: zombies <= 32
/// BARE: zombies >= 200
pub(crate) fn zombies(_: &Path) {
    let (died, _) = count(MANY, |_| in_child(|| {}));
    saw("zombies", died);
}

/// Its own memory.
/// EXPECT: memory
/// WEAK: MiB <= 130
/// BARE: MiB >= 250
pub(crate) fn memory(_: &Path) {
    let (got, _) = count(250, |_| map(MIB, libc::MAP_PRIVATE));
    saw("MiB", got);
}

/// Memory that no limit of data counts.
/// EXPECT: memory
/// WEAK: MiB <= 130
/// BARE: MiB >= 250
pub(crate) fn shared_memory(_: &Path) {
    let (got, _) = count(250, |_| map(MIB, libc::MAP_SHARED));
    saw("MiB", got);
}

/// Memory that no limit of a process counts.
/// EXPECT: memory
/// WEAK: refused
/// BARE: hit
pub(crate) fn memory_files(_: &Path) {
    let block = vec![1; MIB];
    let (files, _held) = count(60, |_| {
        let name = c"x";
        let fd = call(libc::SYS_memfd_create, &[to(name.to_bytes())])?;
        for _ in 0..2 {
            call(libc::SYS_write, &[fd, to(&block[..]), MIB])?;
        }
        Ok(fd)
    });
    let what = "memory in files";
    let enough = if files >= 50 { Ok(()) } else { Err("not enough") };
    attempt(what, enough);
}

/// The memory of System V.
/// EXPECT: memory
/// WEAK: refused
/// BARE: hit
pub(crate) fn system_v_memory(_: &Path) {
    let (segments, _) = count(60, |_| {
        let size = 2 * MIB;
        let id = call(libc::SYS_shmget, &[0, size, 0o600 | 0o1000])?;
        let at = call(libc::SYS_shmat, &[id, 0, 0])?;
        call(libc::SYS_shmctl, &[id, 0, 0])?;
        call(libc::SYS_madvise, &[at, size, 23])?;
        Ok(())
    });
    let enough = if segments >= 50 { Ok(()) } else { Err("not enough") };
    attempt("segments", enough);
}

/// All of /tmp.
/// EXPECT: MiB <= 4
/// BARE: no: it is everybody's
/// ALONE: needs the box's /tmp
pub(crate) fn tmp_full(_: &Path) {
    let block = vec![1; MIB];
    let (written, _) = count(100, |number| {
        File::create(format!("/tmp/{number}"))?.write_all(&block)
    });
    saw("MiB", written);
}

/// All inodes of /tmp.
/// EXPECT: files <= 1023
/// BARE: no: it is everybody's
/// ALONE: needs the box's /tmp
pub(crate) fn inodes(_: &Path) {
    let (made, _) =
        count(5000, |number| File::create(format!("/tmp/{number}")).map(drop));
    saw("files", made);
}

/// A file of a terabyte that has nothing in it.
/// EXPECT: signal 25
/// BARE: no: it is everybody's disk
/// ALONE: needs the box's /tmp
pub(crate) fn sparse(_: &Path) {
    let file = File::create("/tmp/sparse");
    attempt("a sparse file", file.and_then(|file| file.set_len(1 << 40)));
}

/// A core dump; a handler outside would run as root.
/// EXPECT: signal 6
/// BARE: no: whatever handles it
/// ALONE: ends itself
pub(crate) fn core_dump(_: &Path) {
    let _ = std::env::set_current_dir("/tmp");
    std::process::abort();
}

/// All of a core.
/// LIMITS: cpu 1
/// EXPECT: signal 24
/// BARE: no: for ever
/// ALONE: takes a second
pub(crate) fn spin(_: &Path) {
    loop {
        std::hint::spin_loop();
    }
}

/// Never ends, and does nothing.
/// LIMITS: wall 1
/// EXPECT: wall
/// BARE: no: for ever
/// ALONE: takes a second
pub(crate) fn sleep(_: &Path) {
    rest();
}

/// Never ends, and hears no signal.
/// LIMITS: wall 1
/// EXPECT: wall
/// BARE: no: for ever
/// ALONE: takes a second
pub(crate) fn ignore_signals(_: &Path) {
    for signal in 1..65 {
        // SAFETY: ignores it, or is told that it can't.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    rest();
}

/// Never ends, as it has stopped; so has pid 1, if it could.
/// LIMITS: wall 1
/// EXPECT: wall
/// BARE: no: for ever
/// ALONE: takes a second
pub(crate) fn stop_itself(_: &Path) {
    let own = std::process::id() as usize;
    for pid in [1, own] {
        let _ = call(libc::SYS_kill, &[pid, libc::SIGSTOP as usize]);
    }
}

/// A word now and then, from a child that has no parent any more.
/// EXPECT: exits 0
/// BARE: left
/// ALONE: leaves a process
pub(crate) fn trickle(_: &Path) {
    let _ = in_child(|| {
        loop {
            let _ = io::stdout().write_all(b"drip\n");
            let nothing = [0u64, 50_000_000];
            let _ = call(libc::SYS_nanosleep, &[to(&nothing), 0]);
        }
    });
}

/// No output, no input, and still a code.
/// EXPECT: exits 7
/// BARE: no: it is no attack on anybody
/// ALONE: says nothing
pub(crate) fn close_descriptors(_: &Path) {
    let _ = call(libc::SYS_close_range, &[0, u32::MAX as usize, 0]);
    // SAFETY: nothing of ours has to run.
    unsafe { libc::_exit(7) }
}

/// Output without end.
/// EXPECT: output
/// BARE: no: without end
/// ALONE: without end
pub(crate) fn flood(_: &Path) {
    let block = [b'A'; 65536];
    while io::stdout().write_all(&block).is_ok() {}
}

/// The same, to the other stream.
/// EXPECT: output
/// BARE: no: without end
/// ALONE: without end
pub(crate) fn flood_of_errors(_: &Path) {
    let block = [b'A'; 65536];
    while io::stderr().write_all(&block).is_ok() {}
}

/// A child holds the output open when the program has gone.
/// EXPECT: exits 0
/// BARE: left
/// ALONE: leaves a process
pub(crate) fn held_pipe(_: &Path) {
    let _ = in_child(|| rest());
}

/// A child of a child, in a session of its own.
/// EXPECT: exits 0
/// BARE: left
/// ALONE: leaves a process
pub(crate) fn daemon(_: &Path) {
    let _ = in_child(|| {
        let _ = setsid();
        let _ = in_child(|| {
            let _ = call(libc::SYS_close_range, &[0, 100, 0]);
            rest()
        });
    });
}

/// Files until there are no more.
/// EXPECT: files <= 64
/// BARE: files >= 200
pub(crate) fn descriptors(_: &Path) {
    let (opened, _held) = count(MANY, |_| File::open("/dev/null"));
    saw("files", opened);
}

/// Files that are nobody's: on their way through a socket.
/// EXPECT: files <= 66
/// BARE: files >= 200
pub(crate) fn descriptors_in_flight(_: &Path) {
    let kind = SockType::Datagram;
    let pair: nix::Result<(OwnedFd, OwnedFd)> =
        socketpair(AddressFamily::Unix, kind, None, SockFlag::SOCK_NONBLOCK);
    let Ok((from, _into)) = pair else { return };
    let (sent, _) = count(MANY, |_| send_away(&from));
    saw("files", sent);
}

fn send_away(from: &OwnedFd) -> io::Result<()> {
    let file = File::open("/dev/null")?;
    let files = [file.as_raw_fd()];
    let message = [ControlMessage::ScmRights(&files)];
    let data = [io::IoSlice::new(b"x")];
    sendmsg::<()>(
        from.as_raw_fd(),
        &data,
        &message,
        MsgFlags::MSG_DONTWAIT,
        None,
    )?;
    Ok(())
}

/// Watchers until there are no more.
/// EXPECT: watchers <= 8
/// BARE: watchers >= 50
pub(crate) fn inotify(_: &Path) {
    let (made, _) = count(60, |_| call(libc::SYS_inotify_init1, &[0]));
    saw("watchers", made);
}

/// Memory that stays.
/// EXPECT: refused
/// BARE: no: an ordinary user's limit stops it
pub(crate) fn lock_memory(_: &Path) {
    let size = 16 * MIB;
    let at = map(size, libc::MAP_PRIVATE);
    let locked = at.and_then(|at| call(libc::SYS_mlock, &[at, size]));
    attempt("16 MiB", locked);
}

/// Before all others, and more than it was given.
/// EXPECT: refused
/// BARE: no: an ordinary user's limit stops it
pub(crate) fn priority(_: &Path) {
    let fifo = 1;
    let level = 50i32;
    let set = libc::SYS_sched_setscheduler;
    attempt("real time", call(set, &[0, fifo, to(&level)]));
    let nice = call(libc::SYS_setpriority, &[0, 0, -20i32 as usize]);
    attempt("nice -20", nice);
    let limit = [1u64 << 20; 2];
    let files = libc::RLIMIT_NOFILE as usize;
    let raised = call(libc::SYS_prlimit64, &[0, files, to(&limit)]);
    attempt("a higher limit", raised);
}

/// Another core than its own, where the peer is.
/// LIMITS: one core
/// EXPECT: refused
/// WEAK: harmless
/// BARE: hit, if there
/// ALONE: needs a cgroup
pub(crate) fn pin_to_core(_: &Path) {
    let pin = |core: usize| {
        let mask = 1u64 << core;
        call(libc::SYS_sched_setaffinity, &[0, 8, to(&mask)])
    };
    let cores = (0..64).filter(|&core| pin(core).is_ok()).count();
    let others = match cores {
        0 | 1 => Err("there is no other"),
        _ => Ok(()),
    };
    attempt("another core", others);
}

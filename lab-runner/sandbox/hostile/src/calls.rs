//! The kernel without a library between.

use std::io;

/// A system call by its number. Whatever it answers is the kernel's business;
/// pointers must be to memory that lives as long as the call.
pub(crate) fn call(
    number: libc::c_long,
    arguments: &[usize],
) -> io::Result<usize> {
    let at = |index: usize| arguments.get(index).copied().unwrap_or(0);
    // SAFETY: this program is here to find out what comes of it.
    let answer = unsafe {
        libc::syscall(number, at(0), at(1), at(2), at(3), at(4), at(5))
    };
    match answer {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(answer as usize),
    }
}

/// The address of something, for a system call.
pub(crate) fn to<T: ?Sized>(thing: &T) -> usize {
    std::ptr::from_ref(thing).cast::<u8>() as usize
}

/// Forks; the child does `act` and is gone.
pub(crate) fn in_child(act: impl FnOnce()) -> io::Result<i32> {
    // SAFETY: this program has one thread.
    match unsafe { libc::fork() } {
        0 => {
            act();
            // SAFETY: nothing of ours has to run.
            unsafe { libc::_exit(0) }
        }
        -1 => Err(io::Error::last_os_error()),
        pid => Ok(pid),
    }
}

/// For ever.
pub(crate) fn rest() -> ! {
    loop {
        nix::unistd::pause();
    }
}

/// Anonymous memory, used.
pub(crate) fn map(bytes: usize, flags: libc::c_int) -> io::Result<usize> {
    let rights = libc::PROT_READ | libc::PROT_WRITE;
    let flags = flags | libc::MAP_ANONYMOUS | libc::MAP_POPULATE;
    let all = [0, bytes, rights as usize, flags as usize, usize::MAX, 0];
    call(libc::SYS_mmap, &all)
}

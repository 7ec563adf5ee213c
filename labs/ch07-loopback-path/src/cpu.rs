//! On which CPU a thread runs, and on which one a packet was received.

use std::os::fd::AsRawFd;

use anyhow::{Context, Result};
use lab_kit::libc;
use nix::sched::{CpuSet, sched_setaffinity};
use nix::unistd::Pid;

// ANCHOR: cpu
/// From now on this thread runs on this CPU only.
pub(crate) fn stay_on(cpu: usize) -> Result<()> {
    let mut set = CpuSet::new();
    set.set(cpu)?;
    sched_setaffinity(Pid::from_raw(0), &set)
        .with_context(|| format!("run on CPU {cpu}: are there two?"))
}

/// SO_INCOMING_CPU: which CPU received this socket's last packet.
pub(crate) fn incoming_cpu(socket: &impl AsRawFd) -> Result<i32> {
    let mut cpu: libc::c_int = -1;
    let mut len = size_of_val(&cpu) as libc::socklen_t;
    // SAFETY: the kernel writes one int.
    let code = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_INCOMING_CPU,
            (&raw mut cpu).cast(),
            &raw mut len,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error()).context("SO_INCOMING_CPU");
    }
    Ok(cpu)
}
// ANCHOR_END: cpu

//! What a socket holds in the kernel's memory: `SO_MEMINFO`, which `ss -m`
//! shows as `skmem`.

use std::os::fd::AsRawFd;

use anyhow::{Result, bail};
use lab_kit::libc;

/// Bytes of memory, which is more than bytes of data: each packet is charged
/// with the buffer that it lies in (its truesize).
pub(crate) struct Memory {
    /// Taken by what has arrived and was not read; `ss -m`: r.
    pub(crate) received: u32,
    /// The receive buffer's size: rb.
    pub(crate) receive_buffer: u32,
    /// The send buffer's size: tb.
    pub(crate) send_buffer: u32,
    /// Taken by what was written and not acknowledged: w.
    pub(crate) queued: u32,
}

impl Memory {
    /// A third of the send buffer: what sk_stream_is_writeable() asks for.
    pub(crate) fn third_is_free(&self) -> bool {
        self.queued * 3 <= self.send_buffer * 2
    }
}

pub(crate) fn memory(socket: &impl AsRawFd) -> Result<Memory> {
    let mut info = [0u32; 9]; // SK_MEMINFO_VARS
    let mut len = size_of_val(&info) as libc::socklen_t;
    // SAFETY: the kernel writes at most `len` bytes into `info`.
    let code = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_MEMINFO,
            info.as_mut_ptr().cast(),
            &raw mut len,
        )
    };
    if code != 0 {
        bail!("SO_MEMINFO: {}", std::io::Error::last_os_error());
    }
    // include/uapi/linux/sock_diag.h numbers them.
    Ok(Memory {
        received: info[0],
        receive_buffer: info[1],
        send_buffer: info[3],
        queued: info[5],
    })
}

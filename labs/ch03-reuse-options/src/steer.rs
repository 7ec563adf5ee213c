//! A program for the kernel that chooses among the sockets of a port.

use std::os::fd::AsRawFd;

use anyhow::{Result, bail};
use lab_kit::libc;

// ANCHOR: steer
/// From now on the member of this socket's group is: the sender's port,
/// modulo `members`. Members are counted from 0, in the order of bind() for
/// UDP and of listen() for TCP (socket(7)).
pub(crate) fn by_port(socket: &impl AsRawFd, members: u32) -> Result<()> {
    let op = |code: u32, k: u32| libc::sock_filter {
        code: code as u16,
        jt: 0,
        jf: 0,
        k,
    };
    let mut program = [
        // The program sees the payload; the TCP header is found from the
        // start of the IP header, which has 20 bytes here.
        op(
            libc::BPF_LD | libc::BPF_H | libc::BPF_ABS,
            libc::SKF_NET_OFF as u32 + 20,
        ),
        op(libc::BPF_ALU | libc::BPF_MOD | libc::BPF_K, members),
        op(libc::BPF_RET | libc::BPF_A, 0),
    ];
    let program = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which outlives the call.
    let code = unsafe {
        libc::setsockopt(
            socket.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            (&raw const program).cast(),
            size_of_val(&program) as libc::socklen_t,
        )
    };
    if code != 0 {
        bail!("SO_ATTACH_REUSEPORT_CBPF: {}", std::io::Error::last_os_error());
    }
    Ok(())
}
// ANCHOR_END: steer

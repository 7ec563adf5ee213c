//! Classic BPF in the socket layer: a program of a few instructions that reads
//! a packet and says which listener of a group is to have its connection.

use std::os::fd::AsRawFd;

use anyhow::{Context, Result};
use lab_kit::libc;
use libc::{
    BPF_ABS, BPF_ALU, BPF_H, BPF_K, BPF_LD, BPF_MOD, BPF_RET, sock_filter,
};

const BPF_A: u32 = 0x10;

// ANCHOR: program
/// The client's port, modulo the number of listeners.
pub(crate) fn port_modulo(listeners: u32) -> [sock_filter; 3] {
    // offsets above this count from the IP header, whose length is 20
    let source_port = libc::SKF_NET_OFF as u32 + 20;
    [
        instruction(BPF_LD | BPF_H | BPF_ABS, source_port), // A = 2 bytes there
        instruction(BPF_ALU | BPF_MOD | BPF_K, listeners),  // A = A % listeners
        instruction(BPF_RET | BPF_A, 0),                    // return A
    ]
}

/// Always this listener, whether there is one with that number or not.
pub(crate) fn always(listener: u32) -> [sock_filter; 1] {
    [instruction(BPF_RET | BPF_K, listener)]
}
// ANCHOR_END: program

fn instruction(code: u32, k: u32) -> sock_filter {
    sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

/// Gives the whole group of this listener its program (socket(7),
/// SO_ATTACH_REUSEPORT_CBPF). No privilege is needed.
pub(crate) fn steer(
    listener: &impl AsRawFd,
    program: &mut [sock_filter],
) -> Result<()> {
    let program = libc::sock_fprog {
        len: program.len() as u16,
        filter: program.as_mut_ptr(),
    };
    // SAFETY: the program outlives the call, which copies it.
    let code = unsafe {
        libc::setsockopt(
            listener.as_raw_fd(),
            libc::SOL_SOCKET,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            (&raw const program).cast(),
            size_of_val(&program) as libc::socklen_t,
        )
    };
    if code != 0 {
        return Err(std::io::Error::last_os_error())
            .context("SO_ATTACH_REUSEPORT_CBPF");
    }
    Ok(())
}

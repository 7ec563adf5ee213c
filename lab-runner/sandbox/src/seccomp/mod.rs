//! A machine -> the filter that decides, for each system call of a program in
//! the box, whether the kernel looks at it at all.
//!
//! By hand and not with a crate, because three of its rules have no words
//! there: numbers above a bound, another machine's calls, several answers.

mod program;
mod table;

use std::io;

use anyhow::{Result, bail};

/// A machine whose system call numbers we know.
#[allow(dead_code, reason = "the other machine's is for the tests")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    X86_64,
    Aarch64,
}

impl Machine {
    #[cfg(target_arch = "x86_64")]
    pub(crate) const OWN: Machine = Machine::X86_64;
    #[cfg(target_arch = "aarch64")]
    pub(crate) const OWN: Machine = Machine::Aarch64;

    /// AUDIT_ARCH_* of linux/audit.h.
    const fn audit(self) -> u32 {
        match self {
            Machine::X86_64 => 0xC000_003E,
            Machine::Aarch64 => 0xC000_00B7,
        }
    }
}

/// Puts the filter over this process and all that it starts, for ever.
pub(crate) fn install(weak: bool) -> Result<()> {
    let mut filter = program::build(Machine::OWN, weak);
    let program = libc::sock_fprog {
        len: filter.len() as u16,
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which outlives the call.
    let answer = unsafe {
        libc::syscall(
            libc::SYS_seccomp,
            libc::SECCOMP_SET_MODE_FILTER,
            0,
            &raw const program,
        )
    };
    if answer != 0 {
        bail!(
            "install the seccomp filter: {}; the kernel needs \
             CONFIG_SECCOMP_FILTER",
            io::Error::last_os_error()
        );
    }
    Ok(())
}
